import { uploadImage } from '@chat/testkit/files';
import { GraphqlFailure } from '@chat/testkit/graphql-client';
import type { Random } from '@chat/testkit/random';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from './client.ts';

/** What a random operation may be refused with: it may act on what another one has just deleted, or without the role for it. */
const REFUSALS = ['FORBIDDEN', 'NOT_FOUND', 'CONFLICT', 'BAD_USER_INPUT'];
const RETRIES = 20;
export const SEND = 'mutation ($input: CreateMessageInput!) { sendMessage(input: $input) { id conversationId } }';
export const READ = 'mutation ($id: ID!, $seq: Int!) { markConversationAsRead(conversationId: $id, seq: $seq) { id } }';

/** Returns null when the operation is refused. */
export async function perform(client: Client, operation: string, variables: Record<string, unknown>): Promise<Record<string, any> | null> {
  for (let attempt = 0; ; attempt += 1) {
    const { data, errors } = await client.user.ask(operation, variables);
    if (errors.length === 0) return data;
    const { code, message } = errors[0]!;
    if (REFUSALS.includes(code)) return null;
    if (code !== 'UNAVAILABLE' || attempt === RETRIES) throw new Error(`${operation}: ${code}: ${message}`);
    await sleep(200);
  }
}

type Operation = () => Promise<unknown>;

/** Does random operations of random users in one conversation: mostly one after the other, sometimes several at once. */
export abstract class RandomHistory {
  protected readonly conversationId: string;
  protected readonly users: Client[];
  protected readonly random: Random;
  readonly #messageIds: string[] = [];
  #sent = 0;

  constructor(conversationId: string, users: Client[], random: Random) {
    this.conversationId = conversationId;
    this.users = users;
    this.random = random;
  }

  async run(operations: number): Promise<void> {
    for (let done = 0; done < operations;) {
      const atOnce = this.random(4) === 0 ? 3 : 1;
      await Promise.all(Array.from({ length: atOnce }, () => this.#anyOperation()));
      done += atOnce;
    }
  }

  /** One operation for each type of event but the first of the conversation; yields after each. */
  async *everyKind(): AsyncGenerator<void> {
    for (const operation of this.operationsOfEveryKind()) {
      await operation();
      yield;
    }
  }

  /** What only this kind of conversation has, in `everyKind`; the second user is the observer. */
  protected abstract ownOperationsOfEveryKind(): Operation[];
  /** What only this kind of conversation has; one that is more frequent is in the list more often. */
  protected abstract ownOperations(actor: Client): Operation[];
  /** How a message of this user is addressed. */
  protected abstract addressOf(actor: Client): Record<string, string>;

  protected anyUser(): Client {
    return this.users[this.random(this.users.length)]!;
  }

  protected async mute(actor: Client, until: string | null): Promise<void> {
    const mute = 'mutation ($id: ID!, $until: DateTime) { muteConversation(conversationId: $id, until: $until) { id } }';
    await perform(actor, mute, { id: this.conversationId, until });
  }

  /** `args` follow the id of the conversation. */
  protected async onConversation(actor: Client, mutation: string, args = '', selection = '{ id }'): Promise<void> {
    await perform(actor, `mutation ($id: ID!) { ${mutation}(conversationId: $id${args}) ${selection} }`, { id: this.conversationId });
  }

  private operationsOfEveryKind(): Operation[] {
    const [first, observer] = this.users as [Client, Client];
    return [
      ...this.ownOperationsOfEveryKind(),
      () => this.#send(first),
      () => perform(observer, READ, { id: this.conversationId, seq: 1 }),
      () => this.#onMessage(first, 'addReaction', ', emoji: "👍"'),
      () => this.#onMessage(first, 'editMessage', ', content: "edited"'),
      () => this.#onMessage(first, 'deleteMessage', ''),
    ];
  }

  #anyOperation(): Promise<unknown> {
    const actor = this.anyUser();
    const emoji = ['👍', '🎉', '😀'][this.random(3)];
    const operations = [
      ...times(6, () => this.#send(actor)),
      ...times(2, () => this.#onMessage(actor, 'addReaction', `, emoji: "${emoji}"`)),
      () => this.#onMessage(actor, 'removeReaction', ', emoji: "👍"'),
      ...times(2, () => this.#onMessage(actor, 'editMessage', `, content: "edit ${this.random(5)}"`)),
      ...times(2, () => this.#onMessage(actor, 'deleteMessage', '')),
      ...times(2, () => this.#read(actor)),
      () => this.mute(actor, this.random(2) === 0 ? null : `2099-01-0${1 + this.random(3)}T00:00:00.000Z`),
      ...times(2, async () => actor.cut()),
      ...this.ownOperations(actor),
    ];
    return operations[this.random(operations.length)]!();
  }

  /** Undefined when the user has uploaded as much as is allowed on one day. */
  protected async upload(actor: Client, purpose: string): Promise<string | undefined> {
    try {
      return (await uploadImage(actor.user, purpose, { width: 1 + this.random(9), height: 1 })).id;
    } catch (error) {
      if (error instanceof GraphqlFailure && ['RATE_LIMITED', 'CONFLICT'].includes(error.code)) return undefined;
      throw error;
    }
  }

  async #send(actor: Client): Promise<void> {
    const replyToId = this.#messageIds.length > 0 && this.random(3) === 0 ? this.#anyMessage() : undefined;
    const mentions = this.random(4) === 0 ? [this.anyUser().user.userId] : undefined;
    const attachment = this.random(8) === 0 ? await this.upload(actor, 'MESSAGE_ATTACHMENT') : undefined;
    const attachmentIds = attachment === undefined ? undefined : [attachment];
    const input = { ...this.addressOf(actor), content: `message ${(this.#sent += 1)}`, replyToId, mentions, attachmentIds };
    const data = await perform(actor, SEND, { input });
    if (data) this.#messageIds.push(data['sendMessage'].id);
  }

  async #read(actor: Client): Promise<void> {
    await perform(actor, READ, { id: this.conversationId, seq: this.random(this.#messageIds.length + 1) });
  }

  #anyMessage(): string {
    return this.#messageIds[this.random(this.#messageIds.length)]!;
  }

  async #onMessage(actor: Client, mutation: string, args: string): Promise<void> {
    if (this.#messageIds.length === 0) return;
    await perform(actor, `mutation ($id: ID!) { ${mutation}(messageId: $id${args}) { id } }`, { id: this.#anyMessage() });
  }
}

/** An operation that is so often in the list. */
export function times(count: number, operation: Operation): Operation[] {
  return Array.from({ length: count }, () => operation);
}
