import { newId } from '@chat/shared/database';
import { silentLog } from '@chat/shared/observability';
import { KafkaEventsStrategy, type ReceivedEvent } from '@chat/shared/consumer';
import { provisionTestKafka, type TestKafka } from '@chat/shared/testing';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createChatDataSource } from '../src/data-source.js';
import { createConversation, removeMembershipRecords } from './kit/build-before.js';
import { Chat, eventually } from './kit/chat.js';
import { TestGroup } from './kit/groups.js';
import type { TestUser } from './kit/test-user.js';

const CREATED_AT = '2026-03-01T12:00:00.123Z';
const [ADA, BEN, DELETED] = [newId(), newId(), newId()];

let kafka: TestKafka;
let sql: Client;
let chat: Chat;
let consumer: KafkaEventsStrategy;
const received: ReceivedEvent[] = [];
/** Conversations of the build before. */
let direct: string;
let group: string;
let empty: string;

beforeAll(async () => {
  kafka = await provisionTestKafka();
  chat = await Chat.start({
    kafka: kafka.config,
    prepare: async ({ adminUrl }) => {
      sql = new Client({ connectionString: adminUrl, options: '-c search_path=chat' });
      await sql.connect();
      await removeMembershipRecords(sql);
      direct = await createConversation(sql, 'DIRECT', [ADA, BEN], CREATED_AT);
      group = await createConversation(sql, 'GROUP', [ADA, BEN, DELETED], CREATED_AT);
      empty = await createConversation(sql, 'GROUP', []);
      for (let i = 0; i < 150; i++) await createConversation(sql, 'GROUP', [ADA]);
    },
  });
  // A new consumer group, of another service.
  const dataSource = await createChatDataSource(chat.database.config).initialize();
  consumer = new KafkaEventsStrategy({
    group: 'presence',
    topics: ['chat.membership'],
    kafka: kafka.config,
    dataSource,
    logger: silentLog,
    onBatch: async (batch) => {
      await dataSource.transaction((manager) => batch.storePositions(manager));
      received.push(...batch.records);
    },
  });
  await new Promise<void>((resolve) => {
    consumer.listen(() => resolve());
  });
});
afterAll(async () => {
  await consumer?.close();
  await sql?.end();
  await chat?.stop();
  await kafka?.drop();
});

const of = (conversationId: string) => received.filter(({ key }) => key === conversationId);

// Contract with presence-service and profile-service: the topic has every conversation, also those from before it existed.
it('a new consumer group receives every conversation of the build before once, as its creation was published', async () => {
  await eventually(() => expect(received.length).toBeGreaterThanOrEqual(152));
  expect(of(direct)).toMatchObject([
    {
      type: 'ConversationCreated',
      payload: {
        conversationId: direct,
        kind: 'DIRECT',
        title: null,
        members: [ADA, BEN].toSorted().map((userId) => ({ userId, role: 'MEMBER' })),
        createdBy: ADA,
        createdAt: CREATED_AT,
      },
    },
  ]);
  expect(of(group)).toMatchObject([{ payload: { kind: 'GROUP', title: 'Group', createdBy: ADA } }]);
  expect((of(group)[0]!.payload as { members: unknown[] }).members).toHaveLength(3);
  // A group without members has nothing to tell.
  expect(of(empty)).toEqual([]);
  expect(await chat.rows('select 1 from conversations where not has_membership_record')).toEqual([]);
});

it('a conversation that a process of the build before creates during the update is published, too', async () => {
  const conversationId = await createConversation(sql, 'DIRECT', [ADA, newId()]);
  await eventually(() => expect(of(conversationId)).toHaveLength(1));
});

it('a new conversation is published once, with the event of chat.conversation, and its messages are not', async () => {
  const [alice, bob] = (await chat.users(2)) as [TestUser, TestUser];
  const { conversationId } = await alice.send({ receiverId: bob.userId, content: 'first' });
  for (let i = 0; i < 5; i++) await bob.send({ conversationId, content: `message ${i}` });
  await bob.must('PATCH', `/chat/conversations/${conversationId}/read`, { seq: 6 });
  const opened = await alice.must<{ id: string }>('POST', '/chat/conversations', { receiverId: (await chat.user()).userId });
  await eventually(() => expect(of(opened.id)).toHaveLength(1));
  await eventually(async () => (await chat.rows('select 1 from outbox')).length === 0);
  const last = await createConversation(sql, 'GROUP', [ADA]);
  await eventually(() => expect(of(last)).toHaveLength(1));
  expect(of(conversationId)).toMatchObject([{ type: 'ConversationCreated', payload: { createdBy: alice.userId } }]);
  expect(received.filter(({ type }) => type !== 'ConversationCreated')).toEqual([]);
});

it('changes of the members of a group follow its creation, whichever process has created it', async () => {
  const [alice, bob] = (await chat.users(2)) as [TestUser, TestUser];
  const own = await TestGroup.create(chat, alice, []);
  await own.add(alice, bob);
  await own.remove(alice, bob);
  // Of a process whose relay is not active: its changes are in the record that MembershipBackfill publishes, or follow it.
  const other = await createConversation(sql, 'GROUP', [alice.userId]);
  await sql.query(`update members set role = 'OWNER' where conversation_id = $1`, [other]);
  await alice.must('POST', `/chat/groups/${other}/members`, { userIds: [bob.userId] });
  const membersOf = (id: string) => {
    const members = new Set<string>();
    for (const event of of(id)) {
      if (event.type === 'ConversationCreated') for (const { userId } of event.payload.members) members.add(userId);
      if (event.type !== 'MembersChanged') continue;
      for (const { userId } of event.payload.added) members.add(userId);
      for (const userId of event.payload.removed) members.delete(userId);
    }
    return [...members].toSorted();
  };
  await eventually(() => expect(of(own.id).map(({ type }) => type)).toEqual(['ConversationCreated', 'MembersChanged', 'MembersChanged']));
  expect(membersOf(own.id)).toEqual([alice.userId]);
  await eventually(() => expect(membersOf(other)).toEqual([alice.userId, bob.userId].toSorted()));
  expect(of(other)[0]!.type).toBe('ConversationCreated');
});
