import type { FeedEvent } from '@chat/shared/contracts';
import { channels } from '@chat/shared/realtime';
import { eventually } from '@chat/shared/testing';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { GatewayKit, numbers, type UserWithToken } from './kit/gateway-kit.js';
import { EVENT_FIELDS } from './kit/subscription.js';

let kit: GatewayKit;
let ada: UserWithToken;
let say: (content: string) => FeedEvent;
beforeAll(async () => {
  kit = await GatewayKit.start();
});
afterAll(() => kit.stop());
beforeEach(async () => {
  ({ ada, say } = await kit.createConversation());
});

it('after a loss of Redis every stream continues from its position', async () => {
  const stream = await kit.events(ada.token);
  await kit.services.feed.publish(say('1'));
  await stream.count(2);
  await kit.loseRedis();
  // These are not published.
  for (const text of numbers(2, 5)) say(text);
  await stream.count(6);
  await eventually(async () => (await kit.services.redis.pubsub('NUMSUB', channels.user(ada.userId)))[1] === 1);
  await kit.services.feed.publish(say('6'));
  await stream.count(7);
  expect(stream.contents).toEqual(numbers(1, 6));
});

it('a replay that fails with a transient error is retried', async () => {
  const stream = await kit.events(ada.token);
  kit.services.unavailable.add('feed');
  await kit.loseRedis();
  await kit.services.feed.publish(say('1'), say('2'));
  setTimeout(() => kit.services.unavailable.delete('feed'), 1000);
  await stream.count(3);
  expect(stream.contents).toEqual(numbers(1, 2));
});

it('a stream continues after the access token has expired', async () => {
  const token = await kit.services.tokens.issue({ userId: ada.userId, sessionId: randomUUID(), expiresInSeconds: 2 });
  const stream = await kit.events(token);
  await eventually(async () => (await kit.ask('{ me { userId } }', {}, token)).errors[0]?.extensions.code === 'UNAUTHENTICATED');
  await kit.loseRedis();
  await kit.services.feed.publish(say('1'));
  await stream.count(2);
  const replays = kit.services.callsOf('POST', '/feed/replay').filter((call) => call.userId === ada.userId);
  expect(replays.map((call) => call.tokenType)).toEqual(['internal+jwt']);
});

it('a client that does not read is disconnected with 1013, and its cursor stays valid', async () => {
  const { cursor } = await kit.events(ada.token);
  const ws = new WebSocket(kit.url.replace('http', 'ws'), 'graphql-transport-ws');
  const closed = new Promise<number>((resolve) => ws.on('close', resolve));
  const received: any[] = [];
  ws.on('message', (data) => received.push(JSON.parse(data.toString())));
  await new Promise((resolve) => ws.once('open', resolve));
  ws.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${ada.token}` } }));
  await eventually(() => received.length === 1);
  const total = 4000;
  const filling = 'x'.repeat(6000);
  for (const text of numbers(1, total)) say(text + filling);
  ws.send(
    JSON.stringify({ id: '1', type: 'subscribe', payload: { query: `subscription { events(after: "${cursor}") { ${EVENT_FIELDS} } }` } }),
  );
  await eventually(() => received.length > 1);
  ws.pause();
  await new Promise((resolve) => setTimeout(resolve, 6500));
  // Pages that are not consumed are not followed by others: most events are still only in the feed.
  const pages = kit.services.callsOf('POST', '/feed/replay').filter((call) => call.userId === ada.userId);
  expect(pages.length).toBeLessThan(total / 500 - 1);
  ws.resume();
  expect(await closed).toBe(1013);
  const seen = received.filter((message) => message.type === 'next').map((message) => message.payload.data.events);
  expect(seen.length).toBeLessThan(total);
  const again = await kit.events(ada.token, seen.at(-1).cursor, 'cursor ... on MessageCreated { message { seq } }');
  await again.count(total + 2 - seen.length);
  expect(again.items[1].message.seq).toBe(seen.length);
});
