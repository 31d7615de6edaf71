import { silentLog } from '@chat/shared/observability';
import { newId } from '@chat/shared/database';
import { appendToOutbox } from '@chat/shared/outbox';
import { KafkaEventsStrategy, type ReceivedEvent } from '@chat/shared/consumer';
import { provisionTestKafka, type TestKafka } from '@chat/shared/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createChatDataSource } from '../src/data-source.js';
import { Chat, eventually } from './kit/chat.js';
import type { TestUser } from './kit/test-user.js';

let kafka: TestKafka;
let chat: Chat;
let listener: KafkaEventsStrategy;
const received: ReceivedEvent[] = [];
beforeAll(async () => {
  kafka = await provisionTestKafka();
  chat = await Chat.start({ kafka: kafka.config });
  const dataSource = createChatDataSource(chat.database.config);
  await dataSource.initialize();
  listener = new KafkaEventsStrategy({
    group: 'notification',
    topics: ['chat.conversation'],
    kafka: kafka.config,
    dataSource,
    logger: silentLog,
    onBatch: async (batch) => {
      await dataSource.transaction((manager) => batch.storePositions(manager));
      received.push(...batch.records);
    },
  });
  await new Promise<void>((resolve, reject) => {
    listener.listen((error?: unknown) => (error ? reject(error as Error) : resolve()));
  });
});
afterAll(async () => {
  await listener?.close();
  await chat?.stop();
  await kafka?.drop();
});

const of = (conversationId: string) => received.filter(({ key }) => key === conversationId);

describe('events', () => {
  it('of a conversation arrive once, in order, and leave nothing in the outbox', async () => {
    const [alice, bob] = (await chat.users(2)) as [TestUser, TestUser];
    const { conversationId } = await alice.send({ receiverId: bob.userId, content: 'message 1', clientMessageId: 'one' });
    await Promise.all(Array.from({ length: 99 }, (_, i) => [alice, bob][i % 2]!.send({ conversationId, content: `message ${i}` })));
    await bob.must('PATCH', `/chat/conversations/${conversationId}/read`, { seq: 100 });
    await eventually(() => expect(of(conversationId).filter(({ type }) => type === 'MessageCreated')).toHaveLength(100));
    await eventually(() => expect(of(conversationId).at(-1)?.type).toBe('ReceiptsAdvanced'));

    const events = of(conversationId);
    expect(events[0]).toMatchObject({ type: 'ConversationCreated', payload: { conversationId, createdBy: alice.userId } });
    const messages = events.flatMap((event) => (event.type === 'MessageCreated' ? [event.payload] : []));
    expect(messages.map(({ seq }) => seq)).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
    expect(messages[0]).toMatchObject({ content: 'message 1', clientMessageId: 'one', senderId: alice.userId, receiverId: bob.userId });
    const early = events.filter((event, place) => {
      const newest = events.slice(0, place).filter(({ type }) => type === 'MessageCreated').length;
      return event.type === 'ReceiptsAdvanced' && event.payload.lastReadSeq > newest;
    });
    expect(early, 'receipts that came before their message').toEqual([]);
    await eventually(async () => (await chat.rows('select 1 from outbox')).length === 0);
  });

  it('of the longest message, in characters of four bytes, is published', async () => {
    const [alice, bob] = (await chat.users(2)) as [TestUser, TestUser];
    const [content, clientMessageId] = ['😀'.repeat(8000), '😀'.repeat(64)];
    const { conversationId } = await alice.send({ receiverId: bob.userId, content, clientMessageId });
    await eventually(() => expect(of(conversationId)).toHaveLength(2));
    expect(of(conversationId)[1]!.payload).toMatchObject({ content, clientMessageId });
  });

  it('UserRegistered makes a user known without a request to auth-service', async () => {
    const alice = await chat.user();
    const userId = newId();
    const registered = { userId, username: 'alice', firstName: null, lastName: null, registeredAt: new Date().toISOString() };
    const dataSource = createChatDataSource(chat.database.config);
    await dataSource.initialize();
    // The relay publishes every row of the outbox.
    for (let i = 0; i < 3; i++) await appendToOutbox(dataSource, { type: 'UserRegistered', key: userId, payload: registered });
    await dataSource.destroy();
    await eventually(async () => (await chat.rows('select 1 from users where user_id = $1', [userId])).length === 1);
    expect(chat.tokens.accounts.has(userId)).toBe(false);
    await alice.send({ receiverId: userId, content: 'hello' });
  });
});
