import type { FeedEvent } from '@chat/shared/contracts';
import { eventually } from '@chat/shared/testing';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { GatewayKit, numbers, type UserWithToken } from './kit/gateway-kit.js';
import { EVENT_FIELDS } from './kit/subscription.js';

let kit: GatewayKit;
let ada: UserWithToken;
let ben: UserWithToken;
let say: (content: string) => FeedEvent;
beforeAll(async () => {
  kit = await GatewayKit.start();
});
afterAll(() => kit.stop());
beforeEach(async () => {
  ({ ada, ben, say } = await kit.createConversation());
});

it('a cursor returns exactly the missed events, also while events are being recorded, and then the live ones', async () => {
  const first = await kit.events(ada.token);
  await kit.services.feed.publish(say('1'));
  await first.count(2);
  const { cursor } = first;
  await first.client.dispose();
  for (const text of numbers(2, 1200)) say(text);
  let last = 1200;
  const writing = (async () => {
    while (last < 1500) await kit.services.feed.publish(say(String(++last)));
  })();
  const second = await kit.events(ada.token, cursor);
  expect(second.items[0]).toMatchObject({ __typename: 'StreamOpened', recovered: true, cursor });
  await writing;
  await second.count(1500);
  expect(second.contents).toEqual(numbers(2, 1500));
});

it('a cursor from the middle of a replay resumes after its event', async () => {
  const opened = await kit.events(ada.token);
  const { cursor } = opened;
  for (const text of numbers(1, 700)) say(text);
  const replayed = await kit.events(ada.token, cursor);
  const items = await replayed.count(701);
  for (const at of [0, 1, 350, 500, 501, 699]) {
    const again = await kit.events(ada.token, items[at].cursor);
    await again.count(701 - at);
    expect(again.contents, `after item ${at}`).toEqual(numbers(at + 1, 700));
    await again.client.dispose();
  }
});

it('an altered cursor is BAD_USER_INPUT, and a cursor of another log opens the stream with recovered: false', async () => {
  const { cursor } = await kit.events(ada.token);
  for (const after of ['x', `${cursor}A`, cursor.slice(0, -2), `B${cursor.slice(1)}`, 'x'.repeat(5000)]) {
    const refused = kit.subscribe(ada.token, 'subscription ($after: String) { events(after: $after) { cursor } }', { after });
    expect(await refused.end()).toBe('BAD_USER_INPUT');
  }
  say('1');
  kit.services.feed.epoch += 1;
  const stream = await kit.events(ada.token, cursor);
  expect(stream.items[0]).toMatchObject({ __typename: 'StreamOpened', recovered: false });
  await kit.services.feed.publish(say('2'));
  await stream.count(2);
  expect(stream.contents).toEqual(['2']);
});

it('a replayed message has its current status and readAt; while chat-service is unavailable its status is SENT', async () => {
  const { cursor } = await kit.events(ada.token);
  const events = numbers(1, 20).map(say);
  for (const event of events.slice(0, 3))
    if (event.type === 'MessageCreated') kit.services.chat.readMessageIds.add(event.payload.messageId);
  const selection = '__typename cursor ... on MessageCreated { message { content status readAt } }';
  const before = kit.services.callsOf('POST', '/chat/messages/receipts').length;
  const stream = await kit.events(ada.token, cursor, selection);
  const items = (await stream.count(21)).slice(1);
  expect(items.map((item) => item.message.status)).toEqual(events.map((_, n) => (n < 3 ? 'READ' : 'SENT')));
  expect(items[0].message.readAt).toMatch(/Z$/);
  expect(kit.services.callsOf('POST', '/chat/messages/receipts').length).toBe(before + 1);
  kit.services.unavailable.add('chat');
  const withoutChat = await kit.events(ada.token, cursor, selection);
  kit.services.unavailable.delete('chat');
  expect((await withoutChat.count(21))[1].message).toMatchObject({ status: 'SENT', readAt: null });
  const notAsked = await kit.events(ada.token, cursor);
  await notAsked.count(21);
  expect(kit.services.callsOf('POST', '/chat/messages/receipts').length).toBe(before + 1);
});

it('the replays of one user do not delay those of other users', async () => {
  const { cursor } = await kit.events(ada.token);
  const { cursor: cursorOfBen } = await kit.events(ben.token);
  const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
  const replay = kit.services.feed.routes['POST /feed/replay']!;
  kit.services.handlers.set('POST /feed/replay', async (call) => {
    if (call.userId === ada.userId) await answered;
    return replay(call);
  });
  const query = `subscription { events(after: "${cursor}") { ${EVENT_FIELDS} } }`;
  // Each has a socket of its own, and a user may have 20.
  const streams = Array.from({ length: 15 }, () => kit.subscribe(ada.token, query));
  const replaysOfAda = () => kit.services.callsOf('POST', '/feed/replay').filter(({ userId }) => userId === ada.userId).length;
  await eventually(() => expect(replaysOfAda()).toBeGreaterThan(1));
  await kit.events(ben.token, cursorOfBen);
  expect(replaysOfAda()).toBe(2);
  answer();
  await Promise.all(streams.map((stream) => stream.count(1)));
  kit.services.handlers.delete('POST /feed/replay');
});
