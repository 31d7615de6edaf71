import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from './client.ts';

/** A pseudo-random integer from 0 to below `limit`; the same seed gives the same sequence (mulberry32). */
export type Random = (limit: number) => number;

export function randomFrom(seed: number): Random {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * limit);
  };
}

/** What a random operation may be refused with: it may act on what another one has just deleted, or without the role for it. */
const REFUSALS = ['FORBIDDEN', 'NOT_FOUND', 'CONFLICT', 'BAD_USER_INPUT'];
const RETRIES = 20;
const READ = 'mutation ($id: ID!, $seq: Int!) { markConversationAsRead(conversationId: $id, seq: $seq) { id } }';

async function perform(client: Client, operation: string, variables: Record<string, unknown>): Promise<Record<string, any> | null> {
  for (let attempt = 0; ; attempt += 1) {
    const { data, errors } = await client.user.ask(operation, variables);
    if (errors.length === 0) return data;
    const { code, message } = errors[0]!;
    if (REFUSALS.includes(code)) return null;
    if (code !== 'UNAVAILABLE' || attempt === RETRIES) throw new Error(`${operation}: ${code}: ${message}`);
    await sleep(200);
  }
}

export async function createGroup(creator: Client, members: Client[]): Promise<string> {
  const input = { title: 'new', memberIds: members.map(({ user }) => user.userId) };
  const data = await perform(creator, 'mutation ($input: CreateGroupInput!) { createGroup(input: $input) { id } }', { input });
  if (!data) throw new Error('the group was refused');
  return data['createGroup'].id;
}

/** Does random operations of random users in one group: mostly one after the other, sometimes several at once. */
export class RandomHistory {
  readonly #messageIds: string[] = [];
  readonly #groupId: string;
  readonly #users: Client[];
  readonly #random: Random;
  #sent = 0;

  constructor(groupId: string, users: Client[], random: Random) {
    this.#groupId = groupId;
    this.#users = users;
    this.#random = random;
  }

  async run(operations: number): Promise<void> {
    for (let done = 0; done < operations;) {
      const atOnce = this.#random(4) === 0 ? 3 : 1;
      await Promise.all(Array.from({ length: atOnce }, () => this.#operation()));
      done += atOnce;
    }
  }

  /** One operation for each type of event but ConversationCreated; yields after each. */
  async *everyKind(): AsyncGenerator<void> {
    const [owner, member] = this.#users as [Client, Client];
    const ofMessage = (args: string) => perform(owner, `mutation ($id: ID!) { ${args} { id } }`, { id: this.#messageIds[0] });
    await this.#onGroup(owner, 'setGroupMemberRole', `, userId: "${member.user.userId}", role: ADMIN`);
    yield;
    await this.#onGroup(owner, 'updateGroup', ', title: "renamed"');
    yield;
    await this.#send(owner);
    yield;
    await perform(member, READ, { id: this.#groupId, seq: 1 });
    yield;
    await ofMessage('addReaction(messageId: $id, emoji: "👍")');
    yield;
    await ofMessage('editMessage(messageId: $id, content: "edited")');
    yield;
    await ofMessage('deleteMessage(messageId: $id)');
    yield;
  }

  #operation(): Promise<unknown> {
    const actor = this.#anyUser();
    const kinds = [
      ...Array.from({ length: 6 }, () => () => this.#send(actor)),
      ...Array.from(
        { length: 2 },
        () => () => this.#onMessage(actor, 'addReaction', `, emoji: "${'👍🎉😀'.match(/./gu)![this.#random(3)]}"`),
      ),
      () => this.#onMessage(actor, 'removeReaction', ', emoji: "👍"'),
      ...Array.from({ length: 2 }, () => () => this.#onMessage(actor, 'editMessage', `, content: "edit ${this.#random(5)}"`)),
      ...Array.from({ length: 2 }, () => () => this.#onMessage(actor, 'deleteMessage', '')),
      ...Array.from({ length: 2 }, () => () => this.#read(actor)),
      () => this.#onGroup(actor, 'updateGroup', `, title: "title ${this.#random(3)}"`),
      ...Array.from({ length: 2 }, () => () => this.#onGroup(actor, 'addGroupMembers', `, userIds: ["${this.#anyUser().user.userId}"]`)),
      () => this.#onGroup(actor, 'removeGroupMember', `, userId: "${this.#anyUser().user.userId}"`),
      () =>
        this.#onGroup(
          actor,
          'setGroupMemberRole',
          `, userId: "${this.#anyUser().user.userId}", role: ${['OWNER', 'ADMIN', 'MEMBER'][this.#random(3)]}`,
        ),
      () => perform(actor, 'mutation ($id: ID!) { leaveConversation(conversationId: $id) }', { id: this.#groupId }),
      ...Array.from({ length: 2 }, () => async () => actor.cut()),
    ];
    return kinds[this.#random(kinds.length)]!();
  }

  #anyUser(): Client {
    return this.#users[this.#random(this.#users.length)]!;
  }

  async #send(actor: Client): Promise<void> {
    const replyToId = this.#messageIds.length > 0 && this.#random(3) === 0 ? this.#anyMessage() : undefined;
    const mentions = this.#random(4) === 0 ? [this.#anyUser().user.userId] : undefined;
    const input = { conversationId: this.#groupId, content: `message ${(this.#sent += 1)}`, replyToId, mentions };
    const data = await perform(actor, 'mutation ($input: CreateMessageInput!) { sendMessage(input: $input) { id } }', { input });
    if (data) this.#messageIds.push(data['sendMessage'].id);
  }

  async #read(actor: Client): Promise<void> {
    await perform(actor, READ, { id: this.#groupId, seq: this.#random(this.#messageIds.length + 1) });
  }

  #anyMessage(): string {
    return this.#messageIds[this.#random(this.#messageIds.length)]!;
  }

  async #onMessage(actor: Client, mutation: string, args: string): Promise<void> {
    if (this.#messageIds.length === 0) return;
    await perform(actor, `mutation ($id: ID!) { ${mutation}(messageId: $id${args}) { id } }`, { id: this.#anyMessage() });
  }

  async #onGroup(actor: Client, mutation: string, args: string): Promise<void> {
    await perform(actor, `mutation ($id: ID!) { ${mutation}(conversationId: $id${args}) { id } }`, { id: this.#groupId });
  }
}
