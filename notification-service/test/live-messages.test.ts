import { RedisConfig } from '@chat/shared/config';
import { liveTextOf, type Notification } from '@chat/shared/contracts';
import { newId } from '@chat/shared/database';
import { silentLog } from '@chat/shared/observability';
import { channels, createRedis, waitForRedis } from '@chat/shared/realtime';
import { eventually, testInfra } from '@chat/shared/testing';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RecordedEvent } from '../src/feed/feed-event.js';
import { publishAll, toLiveMessage } from '../src/feed/live-messages.js';

let publisher: Redis;
let subscriber: Redis;
/** What came on each channel, in order. */
const received = new Map<string, string[]>();
beforeAll(async () => {
  const config = RedisConfig.fromUrl(testInfra().redisUrl);
  publisher = createRedis(config, 'test-publisher', silentLog);
  subscriber = createRedis(config, 'test-subscriber', silentLog);
  await Promise.all([waitForRedis(publisher), waitForRedis(subscriber)]);
  subscriber.on('message', (channel: string, text: string) => received.set(channel, [...(received.get(channel) ?? []), text]));
});
afterAll(() => {
  publisher.disconnect();
  subscriber.disconnect();
});

/** Users whose channels are subscribed. */
async function connectedUsers(count: number): Promise<string[]> {
  const users = Array.from({ length: count }, () => newId());
  await subscriber.subscribe(...users.flatMap((id) => [channels.user(id), channels.notification(id)]));
  return users;
}

function eventFor(audience: string[], offset: number, content = `text ${offset}`): RecordedEvent {
  const ids = { eventId: newId(), conversationId: newId() };
  return { event: { epoch: 1, partition: 0, offset, type: 'MessageCreated', ...ids, payload: JSON.stringify({ content }) }, audience };
}

function notificationFor(userId: string, message: string): Notification {
  return { id: newId(), userId, type: 'MESSAGE', title: 'Ann', message, data: null, read: false, createdAt: new Date().toISOString() };
}

it('the events of a group of any size, and the notifications, come to each member once and in order', async () => {
  const users = await connectedUsers(1201);
  const [first, second, third] = [eventFor(users, 1), eventFor(users.slice(0, 1), 2), eventFor(users, 3)] as const;
  const unseen = eventFor([], 4);
  const notifications = [1, 2].map((n) => users.map((userId) => notificationFor(userId, `“${n}” \r\n ü 😀`)));
  const items = [
    first,
    ...notifications[0]!.map((one) => toLiveMessage(one)),
    second,
    unseen,
    third,
    ...notifications[1]!.map((one) => toLiveMessage(one)),
  ];
  await publishAll(publisher, items);
  await eventually(() => expect(received.get(channels.notification(users.at(-1)!))).toHaveLength(2));
  for (const [index, userId] of users.entries()) {
    const expected = index === 0 ? [first, second, third] : [first, third];
    expect(received.get(channels.user(userId))).toEqual(expected.map(({ event }) => liveTextOf(event)));
    expect(received.get(channels.notification(userId))).toEqual(notifications.map((of) => JSON.stringify(of[index])));
  }
});

it('the text of an event goes to Redis once for hundreds of members', async () => {
  const users = await connectedUsers(500);
  const content = 'x'.repeat(8000);
  const before = publisher.stream.bytesWritten;
  await publishAll(publisher, [eventFor(users, 1, content)]);
  expect(publisher.stream.bytesWritten - before).toBeLessThan(5 * content.length);
  await eventually(() => {
    for (const userId of users) expect(received.get(channels.user(userId))).toHaveLength(1);
  });
});

it.each([
  { events: 6, characters: 8000 },
  { events: 300, characters: 250 },
])('Redis disconnects no subscriber that reads, however much a group of 1,000 members gets at once: %o', async (burst) => {
  const users = await connectedUsers(1000);
  let isDisconnected = false;
  subscriber.on('close', () => (isDisconnected = true));
  const items = Array.from({ length: burst.events }, (_, n) => eventFor(users, n, '字'.repeat(burst.characters)));
  await publishAll(publisher, items);
  const isComplete = () => users.every((userId) => received.get(channels.user(userId))?.length === burst.events);
  await eventually(() => isDisconnected || isComplete());
  expect(isDisconnected).toBe(false);
  for (const userId of users) expect(received.get(channels.user(userId))).toEqual(items.map(({ event }) => liveTextOf(event)));
});
