import assert from 'node:assert/strict';
import { eventually } from '@chat/shared/testing';
import type { StreamItem } from '@chat/testkit/event-stream';
import type { GraphqlClient } from '@chat/testkit/graphql-client';
import type { Subscription } from '@chat/testkit/subscription';
import { TestUser } from '@chat/testkit/user';
import { type ClientEvent, conversationOf } from '../histories/client-state.ts';
import { EVENTS, loadSnapshot } from '../histories/snapshot.ts';
import { expectNothingLeaks } from './leaks.ts';
import { CREATE, DELETE, SET_ROLE } from './mutations.ts';

type Name = 'ann' | 'ben' | 'cem' | 'dan';
/** The name of the case, the actor, the mutation and its variables, and the code of the error. */
export type Case = [name: string, actor: Name, mutation: string, variables: () => Record<string, unknown>, code: string];

/** One message in each of the two conversations, which is sent after what was refused. */
const ONLY_MARKS = ['MessageCreated', 'MessageCreated'];

/**
 * Ann is the owner of a group, Ben an admin and Cem a member; Dan is not in it. Ann also has direct conversations with Ben and with Dan. What is
 * refused changes none of them, and Ben's stream has no event of it.
 */
export class RefusedChanges {
  readonly users = {} as Record<Name, TestUser>;
  /** Of conversations, and of messages of the group except `elsewhere`, which Ann sent to Dan. */
  readonly ids = {} as Record<'group' | 'direct' | 'message' | 'ofBen' | 'deleted' | 'elsewhere', string>;
  #stream!: Subscription<StreamItem>;

  async start(client: GraphqlClient): Promise<void> {
    const { users, ids } = this;
    for (const name of ['ann', 'ben', 'cem', 'dan'] as const) users[name] = await TestUser.register(client, name);
    const { ann, ben, cem, dan } = users;
    const input = { title: 'Team', memberIds: [ben.userId, cem.userId] };
    ids.group = (await ann.mustAsk(CREATE, { input })).createGroup.id;
    await ann.mustAsk(SET_ROLE, { id: ids.group, userId: ben.userId, role: 'ADMIN' });
    ids.message = (await ann.sendIn(ids.group, 'of Ann')).id;
    ids.ofBen = (await ben.sendIn(ids.group, 'of Ben')).id;
    ids.deleted = (await ann.sendIn(ids.group, 'deleted')).id;
    await ann.mustAsk(DELETE, { id: ids.deleted });
    ids.direct = (await ann.sendTo(ben.userId, 'direct')).conversationId;
    ids.elsewhere = (await ann.sendTo(dan.userId, 'elsewhere')).id;
    this.#stream = ben.subscribe<StreamItem>(EVENTS);
    await this.#stream.waitFor((item) => item.__typename === 'StreamOpened', 'the stream');
    // What was accepted just before the stream may come as well.
    await this.#eventsAfter(0);
  }

  async stop(): Promise<void> {
    await this.#stream?.close();
  }

  async expectRefused([, actor, mutation, variables, code]: Case): Promise<void> {
    await this.expectUnchanged(async () => {
      const answer = await this.users[actor].ask(mutation, variables());
      const codes = answer.errors.map((error) => error.code);
      assert.deepEqual(codes, [code], answer.text);
      expectNothingLeaks(answer.text);
    });
  }

  async expectUnchanged(request: () => Promise<void>): Promise<void> {
    const before = await this.#stored();
    const count = this.#stream.items.length;
    await request();
    assert.deepEqual(await this.#stored(), before);
    assert.deepEqual(await this.#eventsAfter(count), ONLY_MARKS);
  }

  /** What Ann knows of the conversations, without receipts: sockets advance them. */
  async #stored(): Promise<unknown> {
    const { ann, dan } = this.users;
    const totals = await Promise.all([ann, dan].map((user) => user.mustAsk('{ getConversations { total } }')));
    const snapshots = await Promise.all([this.ids.group, this.ids.direct].map((id) => loadSnapshot(ann, id)));
    const members = snapshots.map((one) => one!.members.map(({ userId, role }) => ({ userId, role })));
    return { totals, members, snapshots: snapshots.map((one) => ({ ...one, members: null })) };
  }

  /** The types of the events, other than receipts, of the two conversations that came to Ben after the first `count` items. */
  async #eventsAfter(count: number): Promise<string[]> {
    const { group, direct } = this.ids;
    const marks = [await this.users.ann.sendIn(group, 'afterwards'), await this.users.ben.sendIn(direct, 'afterwards')];
    const events = () => this.#stream.items.slice(count) as unknown as ClientEvent[];
    const hasMarks = () => marks.every(({ id }) => events().some(({ message }) => message?.id === id));
    await eventually(() => assert.ok(hasMarks(), 'the stream has not got both messages'));
    return events()
      .filter((event) => event.__typename !== 'ReceiptsAdvanced' && [group, direct].includes(conversationOf(event)!))
      .map((event) => event.__typename);
  }
}
