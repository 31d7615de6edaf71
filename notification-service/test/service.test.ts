import { InternalTokens } from '@chat/shared/auth';
import { type RunningService } from '@chat/shared/bootstrap';
import { silentLog } from '@chat/shared/observability';
import { loadConfig } from '@chat/shared/config';
import type { FeedPage, FeedPosition, NotificationPage } from '@chat/shared/contracts';
import { newId } from '@chat/shared/database';
import type { EventPayloads, EventToPublish, EventType } from '@chat/shared/events';
import { appendToOutbox, createOutboxTable, OutboxRelay } from '@chat/shared/outbox';
import { DeadLetters } from '@chat/shared/consumer';
import { eventually, provisionTestKafka, testInfra, TestTokens, type TestKafka } from '@chat/shared/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CONSUMER_GROUP, NotificationConfig } from '../src/config.js';
import { SCHEMA } from '../src/data-source.js';
import { startNotificationService } from '../src/start.js';
import { Conversation, register, signInFromNewDevice } from './kit/events.js';
import { createFeedDatabase, type FeedDatabase } from './kit/feed-database.js';
import { ChannelSubscriber } from './kit/channel-subscriber.js';

// The whole service with real PostgreSQL, Kafka, registry and Redis. Events are published as by chat-service: by outbox and relay.

const SECRET = 'a secret of at least thirty-two characters';

let database: FeedDatabase;
let kafka: TestKafka;
let tokens: TestTokens;
let relay: OutboxRelay;
let config: NotificationConfig;
let service: RunningService;
let pending: EventToPublish[] = [];

beforeAll(async () => {
  [database, kafka, tokens] = await Promise.all([createFeedDatabase(), provisionTestKafka(), TestTokens.start()]);
  // The outbox of another service, in this schema for the test.
  await createOutboxTable(database.dataSource);
  relay = new OutboxRelay({ config: database.config, schema: SCHEMA, kafka: kafka.config, logger: silentLog });
  relay.start();
  config = loadConfig(NotificationConfig, {
    DATABASE_URL: database.config.url,
    REDIS_URL: testInfra().redisUrl,
    KAFKA_BROKER: kafka.config.brokers.join(','),
    SCHEMA_REGISTRY_URL: kafka.config.schemaRegistryUrl,
    KAFKA_TOPIC_PREFIX: kafka.config.topicPrefix,
    INTERNAL_API_SECRET: SECRET,
    AUTH_SERVICE_URL: tokens.baseUrl,
    PORT: '0',
    METRICS_PORT: '0',
    LOG_LEVEL: 'silent',
  });
  service = await startNotificationService(config);
});
afterAll(async () => {
  await service?.stop();
  await relay?.stop();
  await tokens?.close();
  await database?.close();
  await kafka?.drop();
});

function write<T extends EventType>(type: T, key: string, payload: EventPayloads[T], eventId = newId()) {
  const event = { type, key, payload, eventId } as EventToPublish;
  pending.push(event);
  return event;
}

async function publish(): Promise<void> {
  const events = pending;
  pending = [];
  await appendToOutbox(database.dataSource, ...events);
  relay.wake();
}

async function call(
  method: string,
  path: string,
  userId: string | null,
  body?: unknown,
): Promise<{ status: number; type: string | null; body: any }> {
  const response = await fetch(service.url + path, {
    method,
    headers: {
      ...(userId ? { authorization: `Bearer ${await tokens.issue({ userId })}` } : {}),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, type: response.headers.get('content-type'), body: text === '' ? undefined : JSON.parse(text) };
}

const notificationsOf = async (userId: string) => (await call('GET', '/notifications', userId)).body as NotificationPage;
const endPositionOf = async (userId: string) => (await call('POST', '/feed/end-position', userId)).body as FeedPosition;
const isReady = () => eventually(async () => (await call('POST', '/feed/end-position', newId())).status === 200);

async function replayAll(userId: string, after: FeedPosition): Promise<FeedPage['events']> {
  const events: FeedPage['events'] = [];
  for (;;) {
    const { status, type, body } = await call('POST', '/feed/replay', userId, { after, limit: 500 });
    expect({ status, type }).toEqual({ status: 200, type: 'application/json; charset=utf-8' });
    const page = body as FeedPage;
    expect(page.recovered).toBe(true);
    events.push(...page.events);
    if (page.done) return events;
    after = page.position;
  }
}

describe('the service', () => {
  it('a message goes from Kafka to the feed, to the live channels and to the notifications', async () => {
    await isReady();
    const conversation = new Conversation(write);
    const [ann, bob] = conversation.members as [string, string];
    const before = await endPositionOf(bob);
    const subscriber = await ChannelSubscriber.of(ann, bob);
    register(write, ann, { username: 'ann' });
    conversation.create();
    conversation.send(ann, 'hello');
    await publish();
    await eventually(() => expect(subscriber.newerOnly(bob).map(({ type }) => type)).toEqual(['ConversationCreated', 'MessageCreated']));
    await eventually(() => expect(subscriber.newerOnly(ann)).toHaveLength(2));
    expect(await replayAll(bob, before)).toEqual(subscriber.newerOnly(bob));
    await eventually(async () =>
      expect(await notificationsOf(bob)).toMatchObject({
        total: 1,
        unreadCount: 1,
        data: [{ title: 'ann', message: 'hello', read: false }],
      }),
    );
    await eventually(() => expect(subscriber.notifications.get(bob)).toMatchObject([{ message: 'hello' }]));
    expect(subscriber.notifications.get(ann)).toEqual([]);
    subscriber.close();
  });

  it('a sign-in from a new device goes from Kafka to the live channel and the notifications of its owner', async () => {
    await isReady();
    const [ada, sessionId] = [newId(), newId()];
    const subscriber = await ChannelSubscriber.of(ada);
    signInFromNewDevice(write, ada, { sessionId });
    await publish();
    await eventually(() => expect(subscriber.notifications.get(ada)).toMatchObject([{ type: 'SYSTEM', data: { sessionId }, read: false }]));
    expect((await notificationsOf(ada)).data).toEqual(subscriber.notifications.get(ada));
    subscriber.close();
  });

  it('an event that is published twice arrives once', async () => {
    const conversation = new Conversation(write);
    const [ann, bob] = conversation.members as [string, string];
    const subscriber = await ChannelSubscriber.of(bob);
    const before = await endPositionOf(bob);
    const eventId = newId();
    conversation.create();
    conversation.send(ann, 'once', eventId);
    await publish();
    await eventually(() => expect(subscriber.events.get(bob)).toHaveLength(2));
    conversation.lastSeq = 0;
    conversation.send(ann, 'once', eventId);
    conversation.send(ann, 'last');
    await publish();
    await eventually(() => expect(subscriber.events.get(bob)!.at(-1)).toMatchObject({ payload: { content: 'last' } }));
    expect(subscriber.events.get(bob)).toHaveLength(3);
    expect(await replayAll(bob, before)).toHaveLength(3);
    expect(await notificationsOf(bob)).toMatchObject({ data: [{ data: { count: 2 } }] });
    subscriber.close();
  });

  it('events that were published while the service was stopped arrive after its start, once and in order', async () => {
    const conversation = new Conversation(write);
    const [ann, bob] = conversation.members as [string, string];
    const subscriber = await ChannelSubscriber.of(bob);
    const before = await endPositionOf(bob);
    conversation.create();
    for (let i = 0; i < 50; i++) conversation.send(ann);
    await publish();
    await eventually(() => subscriber.events.get(bob)!.length > 0);
    await service.stop();
    for (let i = 0; i < 50; i++) conversation.send(ann);
    await publish();
    service = await startNotificationService(config);
    const seqs = (events: FeedPage['events']) => events.flatMap(({ payload }) => ('seq' in payload ? [payload.seq] : []));
    const all = Array.from({ length: 100 }, (_, i) => i + 1);
    await eventually(() => expect(seqs(subscriber.newerOnly(bob))).toEqual(all));
    expect(seqs(await replayAll(bob, before))).toEqual(all);
    expect(await notificationsOf(bob)).toMatchObject({ data: [{ data: { count: 100 } }] });
    subscriber.close();
  });

  it('a record that cannot be stored goes to the dead-letter topic, and the following ones are processed', async () => {
    const conversation = new Conversation(write);
    const [ann, bob] = conversation.members as [string, string];
    const subscriber = await ChannelSubscriber.of(bob);
    conversation.create();
    write('ReceiptsAdvanced', conversation.id, {
      conversationId: 'not a conversation',
      userId: bob,
      lastReadSeq: 1,
      lastDeliveredSeq: 1,
      advancedAt: new Date().toISOString(),
    });
    conversation.send(ann, 'after it');
    await publish();
    await eventually(() => expect(subscriber.newerOnly(bob).map(({ type }) => type)).toEqual(['ConversationCreated', 'MessageCreated']));
    const deadLetters = new DeadLetters(kafka.config, CONSUMER_GROUP, silentLog);
    expect((await deadLetters.list()).map(({ key }) => key?.toString())).toEqual([conversation.id]);
    await deadLetters.close();
    subscriber.close();
  });

  it('of 10,000 events none is missing, and none arrives twice', async () => {
    const users = Array.from({ length: 20 }, () => newId());
    const conversations = Array.from({ length: 50 }, (_, i) => new Conversation(write, [users[i % 20]!, users[(i * 7 + 1) % 20]!]));
    const before = await endPositionOf(users[0]!);
    const subscriber = await ChannelSubscriber.of(...users);
    for (const conversation of conversations) conversation.create();
    for (let i = 0; i < 9950; i++) {
      conversations[i % 50]!.send(conversations[i % 50]!.members[i % 2]!);
      if (pending.length === 1000) await publish();
    }
    await publish();
    for (const user of users) {
      const mine = conversations.filter(({ members }) => members.includes(user));
      const expected = mine.reduce((sum, { lastSeq }) => sum + lastSeq + 1, 0);
      await eventually(() => subscriber.newerOnly(user).length >= expected, { timeoutMs: 40_000, intervalMs: 200 });
      const events = subscriber.newerOnly(user);
      expect(events).toHaveLength(expected);
      for (const { id, lastSeq } of mine) {
        const seqs = events.flatMap(({ conversationId, payload }) => (conversationId === id && 'seq' in payload ? [payload.seq] : []));
        expect(seqs).toEqual(Array.from({ length: lastSeq }, (_, i) => i + 1));
      }
    }
    expect(await replayAll(users[0]!, before)).toHaveLength(subscriber.newerOnly(users[0]!).length);
    subscriber.close();
  });
});

describe('the REST API', () => {
  it('reads, marks and deletes the notifications of the current user', async () => {
    const bob = newId();
    const conversations = [
      new Conversation(write, [newId(), bob]),
      new Conversation(write, [newId(), bob]),
      new Conversation(write, [newId(), bob]),
    ];
    for (const conversation of conversations) {
      conversation.create();
      conversation.send(conversation.members[0]!);
    }
    await publish();
    await eventually(async () => expect((await call('GET', '/notifications/unread-count', bob)).body).toEqual({ count: 3 }));
    const { data } = await notificationsOf(bob);
    expect(await call('PATCH', `/notifications/${data[0]!.id}/read`, bob)).toMatchObject({
      status: 200,
      body: { id: data[0]!.id, read: true },
    });
    expect(await call('PATCH', `/notifications/${data[0]!.id.toUpperCase()}/read`, bob)).toMatchObject({
      status: 200,
      body: { read: true },
    });
    expect((await call('GET', '/notifications?unreadOnly=true&limit=1&page=2', bob)).body).toMatchObject({
      total: 2,
      totalPages: 2,
      page: 2,
      limit: 1,
      unreadCount: 2,
      data: [{ id: data[2]!.id }],
    });
    expect((await call('DELETE', `/notifications/${data[1]!.id}`, bob)).status).toBe(204);
    expect(await call('DELETE', `/notifications/${data[1]!.id}`, bob)).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
    expect((await call('POST', '/notifications/mark-all-read', bob)).status).toBe(204);
    expect(await notificationsOf(bob)).toMatchObject({ total: 2, unreadCount: 0 });
    const otherUser = newId();
    expect(await call('PATCH', `/notifications/${data[0]!.id}/read`, otherUser)).toMatchObject({
      status: 404,
      body: { code: 'NOT_FOUND' },
    });
    expect(await call('DELETE', `/notifications/${data[0]!.id}`, otherUser)).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
  });

  it.each([
    ['GET', '/notifications?page=0', undefined],
    ['GET', '/notifications?limit=101', undefined],
    ['GET', '/notifications?limit=x', undefined],
    ['GET', '/notifications?unreadOnly=perhaps', undefined],
    ['GET', '/notifications?colour=red', undefined],
    ['PATCH', '/notifications/1/read', undefined],
    ['DELETE', '/notifications/1', undefined],
    ['POST', '/feed/replay', {}],
    ['POST', '/feed/replay', { after: { epoch: 1, offsets: [-2] }, limit: 1 }],
    ['POST', '/feed/replay', { after: { epoch: 1, offsets: [0.5] }, limit: 1 }],
    ['POST', '/feed/replay', { after: { epoch: -1, offsets: [] }, limit: 1 }],
    ['POST', '/feed/replay', { after: { epoch: 1, offsets: [-1] }, limit: 1 }],
    ['POST', '/feed/replay', { after: { epoch: 1, offsets: Array.from({ length: 4000 }, () => 1) }, limit: 1 }],
    ['POST', '/feed/replay', { after: [], limit: 1 }],
    ['POST', '/feed/replay', { after: { epoch: 1, offsets: [-1, -1, -1, -1] }, limit: 501 }],
    ['POST', '/feed/replay', { after: { epoch: 1, offsets: [-1, -1, -1, -1] }, limit: 0 }],
  ])('rejects bad input: %s %s %j', async (method, path, body) => {
    await isReady();
    expect(await call(method, path, newId(), body)).toMatchObject({ status: 400, body: { code: 'BAD_USER_INPUT' } });
  });

  it.each(['GET /notifications', 'GET /notifications/unread-count', 'POST /feed/end-position', 'POST /feed/replay'])(
    '%s needs an access token',
    async (route) => {
      const [method, path] = route.split(' ') as [string, string];
      expect(await call(method, path, null)).toMatchObject({ status: 401, body: { code: 'UNAUTHENTICATED' } });
      const enrollmentToken = await tokens.issue({ userId: newId(), type: 'mfa-enrollment+jwt' });
      expect((await fetch(service.url + path, { method, headers: { authorization: `Bearer ${enrollmentToken}` } })).status).toBe(401);
    },
  );

  it('the gateway may send requests for a socket whose access token has expired', async () => {
    const token = new InternalTokens(SECRET).issue(newId(), newId());
    const response = await fetch(`${service.url}/feed/end-position`, { method: 'POST', headers: { authorization: `Bearer ${token}` } });
    expect(response.status).toBe(200);
  });
});
