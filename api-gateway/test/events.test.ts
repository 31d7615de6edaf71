import type { ChatConversation } from '@chat/shared/contracts';
import { channels } from '@chat/shared/realtime';
import { eventually } from '@chat/shared/testing';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { GatewayKit } from './kit/gateway-kit.js';
import { EVENT_FIELDS } from './kit/subscription.js';

let kit: GatewayKit;
let ada: Awaited<ReturnType<GatewayKit['createUser']>>;
let ben: Awaited<ReturnType<GatewayKit['createUser']>>;
let talk: ChatConversation;
beforeAll(async () => {
  kit = await GatewayKit.start();
});
afterAll(() => kit.stop());
beforeEach(async () => {
  [ada, ben] = [await kit.createUser(), await kit.createUser()];
  talk = kit.services.chat.addConversation([ada.userId, ben.userId]);
});

const say = (content: string) => kit.services.feed.recordMessage(talk, ben.userId, content);
const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => `${from + n}`);

/** Ends the connections on which gateways subscribe to channels; they reconnect. Other connections stay open. */
async function loseRedis(): Promise<void> {
  const clients = (await kit.services.redis.client('LIST')) as string;
  for (const [, id] of clients.matchAll(/^id=(\d+) .* name=gateway-live /gm)) await kit.services.redis.call('CLIENT', 'KILL', 'ID', id!);
}

it('events after StreamOpened are delivered live, each with its own cursor', async () => {
  const stream = await kit.events(ada.token);
  expect(stream.items[0]).toMatchObject({ __typename: 'StreamOpened', recovered: true, cursor: expect.any(String) });
  await kit.services.feed.publish(
    kit.services.feed.recordConversation(talk),
    say('1'),
    kit.services.feed.recordReceipts(talk, ben.userId, 1),
    say('2'),
  );
  const items = await stream.count(5);
  expect(items.map((item) => item.__typename)).toEqual([
    'StreamOpened',
    'ConversationCreated',
    'MessageCreated',
    'ReceiptsAdvanced',
    'MessageCreated',
  ]);
  expect(items[1].conversation).toEqual({ id: talk.id, participants: [ada.userId, ben.userId] });
  expect(new Set(items.map((item) => item.cursor)).size).toBe(5);
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

it('an event that is published twice or late is delivered once', async () => {
  const stream = await kit.events(ada.token);
  const events = [say('1'), say('2'), say('3')];
  await kit.services.feed.publish(...events, ...events, ...events.slice(1));
  await kit.services.feed.publish(say('4'));
  await stream.count(5);
  expect(stream.contents).toEqual(numbers(1, 4));
});

it('an event at a position that was used before is not confused with the earlier event', async () => {
  for (const text of ['before', 'after']) {
    kit.services.feed.reset();
    const stream = await kit.events(ada.token);
    await kit.services.feed.publish(say(text));
    await stream.count(2);
    expect(stream.contents).toEqual([text]);
    await stream.client.dispose();
  }
});

it('after a loss of Redis every stream continues from its position', async () => {
  const stream = await kit.events(ada.token);
  await kit.services.feed.publish(say('1'));
  await stream.count(2);
  await loseRedis();
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
  await loseRedis();
  await kit.services.feed.publish(say('1'), say('2'));
  setTimeout(() => kit.services.unavailable.delete('feed'), 1000);
  await stream.count(3);
  expect(stream.contents).toEqual(numbers(1, 2));
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

it('a new conversation has the fields of its event, and is loaded for the current user only when other fields are selected', async () => {
  const few = await kit.events(ada.token);
  const more = await kit.events(
    ada.token,
    undefined,
    'cursor ... on ConversationCreated { conversation { id unreadCount members { userId lastReadSeq } } }',
  );
  const before = kit.services.callsOf('POST', '/chat/conversations/bulk').length;
  await kit.services.feed.publish(kit.services.feed.recordConversation(talk));
  talk.unreadCount = 4;
  await few.count(2);
  await more.count(2);
  expect(more.items[1].conversation).toMatchObject({ id: talk.id, unreadCount: 4, members: [{ userId: ada.userId, lastReadSeq: 0 }, {}] });
  const lookups = kit.services.callsOf('POST', '/chat/conversations/bulk');
  expect(lookups.length).toBe(before + 1);
  expect(lookups.at(-1)).toMatchObject({ userId: ada.userId, tokenType: 'internal+jwt' });
});

it('fields that depend on the current user are resolved for each user, other fields once; every stream has its own cursor', async () => {
  const group = kit.services.chat.addConversation([ada.userId, ben.userId]);
  kit.services.handlers.set('POST /profiles/bulk', ({ userId, body }) =>
    body.userIds.map((id: string) => ({
      ...kit.services.users.profiles.get(id),
      bio: `as ${userId === ada.userId ? 'ada' : 'ben'} sees it`,
    })),
  );
  const selection = '__typename cursor ... on MessageCreated { message { id content sender { bio } } }';
  const mine = await kit.events(ada.token, undefined, selection);
  await kit.services.feed.publish(say('before'));
  await mine.count(2);
  const theirs = await kit.events(ben.token, undefined, selection);
  await kit.services.feed.publish(kit.services.feed.recordMessage(group, ben.userId, 'hello'));
  await mine.count(3);
  await theirs.count(2);
  kit.services.handlers.delete('POST /profiles/bulk');
  expect([mine.items[2].message.sender.bio, theirs.items[1].message.sender.bio]).toEqual(['as ada sees it', 'as ben sees it']);
  const include =
    'subscription ($more: Boolean!) { events { cursor ... on MessageCreated { message { content seq @include(if: $more) } } } }';
  const [short, long] = [kit.subscribe(ada.token, include, { more: false }), kit.subscribe(ben.token, include, { more: true })];
  await Promise.all([short.count(1), long.count(1)]);
  await kit.services.feed.publish(say('again'));
  await Promise.all([short.count(2), long.count(2)]);
  expect(short.items[1].message).toEqual({ content: 'again' });
  expect(long.items[1].message).toEqual({ content: 'again', seq: talk.lastSeq });
});

it('while profile-service is unavailable, an event is delivered with sender null and one error', async () => {
  const stream = await kit.events(ada.token, undefined, 'cursor ... on MessageCreated { message { content sender { id } } }');
  kit.services.unavailable.add('profiles');
  await kit.services.feed.publish(say('1'));
  await stream.count(2);
  kit.services.unavailable.delete('profiles');
  expect(stream.items[1].message).toEqual({ content: '1', sender: null });
  expect(stream.errors.map((error) => error.extensions.code)).toEqual(['UNAVAILABLE']);
  await kit.services.feed.publish(say('2'));
  await stream.count(3);
  expect(stream.items[2].message.sender).toEqual({ id: expect.any(String) });
});

it('messageReceived delivers new messages, optionally of one conversation, of which the current user must be a member', async () => {
  const other = kit.services.chat.addConversation([ada.userId, randomUUID()]);
  const query = 'subscription ($id: ID) { messageReceived(conversationId: $id) { content status } }';
  const [all, one] = [kit.subscribe(ada.token, query), kit.subscribe(ada.token, query, { id: talk.id })];
  const foreign = kit.subscribe((await kit.createUser()).token, query, { id: talk.id });
  expect(await foreign.end()).toBe('NOT_FOUND');
  await eventually(async () => (await kit.services.redis.pubsub('NUMSUB', channels.user(ada.userId)))[1] === 1);
  await eventually(() => kit.services.callsOf('GET', `/chat/conversations/${talk.id}`).some((call) => call.userId === ada.userId));
  await eventually(async () => {
    await kit.services.feed.publish(say('warm up'));
    return one.items.length > 0 && all.items.length > 0;
  });
  const twice = kit.services.feed.recordMessage(other, ada.userId, 'elsewhere');
  await kit.services.feed.publish(twice, twice, kit.services.feed.recordReceipts(talk, ben.userId, 1), say('here'));
  const got = (subscription: typeof all) => subscription.items.map((item) => item.content).filter((content) => content !== 'warm up');
  await eventually(() => got(all).length >= 2 && got(one).length >= 1);
  expect(got(all).sort()).toEqual(['elsewhere', 'here']);
  expect(got(one)).toEqual(['here']);
});

it('a stream continues after the access token has expired', async () => {
  const token = await kit.services.tokens.issue({ userId: ada.userId, sessionId: randomUUID(), expiresInSeconds: 2 });
  const stream = await kit.events(token);
  await eventually(async () => (await kit.ask('{ me { userId } }', {}, token)).errors.length > 0);
  await loseRedis();
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
  const streams = Array.from({ length: 30 }, () => kit.subscribe(ada.token, query));
  const replaysOfAda = () => kit.services.callsOf('POST', '/feed/replay').filter(({ userId }) => userId === ada.userId).length;
  await eventually(() => expect(replaysOfAda()).toBeGreaterThan(1));
  await kit.events(ben.token, cursorOfBen);
  expect(replaysOfAda()).toBe(2);
  answer();
  await Promise.all(streams.map((stream) => stream.count(1)));
  kit.services.handlers.delete('POST /feed/replay');
});
