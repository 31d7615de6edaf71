import type { ChatConversation, FeedEvent } from '@chat/shared/contracts';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { GatewayKit, type UserWithToken } from './kit/gateway-kit.js';

let kit: GatewayKit;
let ada: UserWithToken;
let ben: UserWithToken;
let talk: ChatConversation;
let say: (content: string) => FeedEvent;
beforeAll(async () => {
  kit = await GatewayKit.start();
});
afterAll(() => kit?.stop());
beforeEach(async () => {
  ({ ada, ben, talk, say } = await kit.createConversation());
});

const FIELDS = 'message { id content editedAt deletedAt mentions reactions { emoji count userIds } status }';
const SELECTION = `__typename cursor ${['MessageCreated', 'MessageUpdated', 'MessageDeleted', 'ReactionsChanged']
  .map((type) => `... on ${type} { ${FIELDS} }`)
  .join(' ')}`;
const TIME = '2026-01-02T00:00:00.000Z';

/** A message, and one change of each kind, as they are published and as they are replayed after the deletion. */
function changes(): FeedEvent[] {
  const { feed } = kit.services;
  const created = say('one');
  const edited = { content: 'two', editedAt: TIME };
  const reactions = [{ emoji: '👍', userIds: [ada.userId, ben.userId] }];
  return [
    created,
    feed.recordChange('MessageUpdated', talk, created, { ...edited, reactions: [] }),
    feed.recordChange('ReactionsChanged', talk, created, { ...edited, reactions }),
    feed.recordChange('MessageDeleted', talk, created, { content: '', deletedAt: TIME }),
  ];
}

it('changes of a message are events of their own types, each with the message after the change', async () => {
  const stream = await kit.events(ada.token, undefined, SELECTION);
  const events = changes();
  const { messageId } = events[0]!.payload as { messageId: string };
  kit.services.chat.readMessageIds.add(messageId);
  await kit.services.feed.publish(...events);
  const [, ...items] = await stream.count(5);
  const message = { id: messageId, content: 'one', editedAt: null, deletedAt: null, mentions: [], reactions: [], status: 'SENT' };
  const edited = { ...message, content: 'two', editedAt: TIME, status: 'READ' };
  const reactions = [{ emoji: '👍', count: 2, userIds: [ada.userId, ben.userId] }];
  expect(items.map(({ __typename, message: shown }) => [__typename, shown])).toEqual([
    ['MessageCreated', message],
    // Only a new message has no receipts.
    ['MessageUpdated', edited],
    ['ReactionsChanged', { ...edited, reactions }],
    ['MessageDeleted', { ...message, content: '', deletedAt: TIME, status: 'READ' }],
  ]);
});

it('reactions of the build before, which have all user ids and no counts, are shown like those of pages', async () => {
  const stream = await kit.events(ada.token, undefined, SELECTION);
  const users = Array.from({ length: 201 }, (_, i) => `user-${i}`);
  const created = say('one');
  const reactions = [
    { emoji: '👍', userIds: users },
    { emoji: '❤️', count: 150, userIds: users.slice(0, 100) },
  ];
  await kit.services.feed.publish(created, kit.services.feed.recordChange('ReactionsChanged', talk, created, { reactions }));
  expect((await stream.count(3))[2].message.reactions).toEqual([
    { emoji: '👍', count: 201, userIds: users.slice(0, 100) },
    { emoji: '❤️', count: 150, userIds: users.slice(0, 100) },
  ]);
});

it('a change that many sockets receive is resolved once: its status is loaded with one call', async () => {
  const streams = await Promise.all([ada, ben, ada, ben].map(({ token }) => kit.events(token, undefined, SELECTION)));
  const before = kit.services.callsOf('POST', '/chat/messages/receipts').length;
  const created = say('one');
  await kit.services.feed.publish(
    created,
    kit.services.feed.recordChange('MessageUpdated', talk, created, { content: 'two', editedAt: TIME }),
  );
  for (const stream of streams) expect((await stream.count(3))[2].message).toMatchObject({ content: 'two' });
  expect(kit.services.callsOf('POST', '/chat/messages/receipts').length - before).toBe(1);
});

it('changes are replayed with one call for the receipts of the page', async () => {
  const { cursor } = await kit.events(ada.token);
  changes();
  changes();
  const before = kit.services.callsOf('POST', '/chat/messages/receipts').length;
  const stream = await kit.events(ada.token, cursor, SELECTION);
  const items = (await stream.count(9)).slice(1);
  expect(items.map((item) => item.__typename).slice(0, 4)).toEqual([
    'MessageCreated',
    'MessageUpdated',
    'ReactionsChanged',
    'MessageDeleted',
  ]);
  const calls = kit.services.callsOf('POST', '/chat/messages/receipts').slice(before);
  expect(calls.map((call) => call.body.messageIds.length)).toEqual([2]);
});

it('events of types that only a later build knows are skipped, live and in a replay', async () => {
  const stream = await kit.events(ada.token, undefined, SELECTION);
  const { cursor } = stream;
  const created = say('one');
  const unknown = kit.services.feed.recordChange('MessagePinned' as 'MessageUpdated', talk, created, {});
  await kit.services.feed.publish(created, unknown, say('two'));
  await stream.count(3);
  const replay = await kit.events(ada.token, cursor, SELECTION);
  await replay.count(3);
  for (const { contents, errors } of [stream, replay]) expect([contents, errors]).toEqual([['one', 'two'], []]);
});

it('messageReceived delivers new messages only, and no change of one', async () => {
  const received = kit.subscribe(ada.token, 'subscription { messageReceived { content } }');
  const stream = await kit.events(ada.token, undefined, SELECTION);
  for (let n = 1; received.items.length === 0; n++) {
    await kit.services.feed.publish(say('warm up'));
    await stream.count(n + 1);
  }
  await kit.services.feed.publish(...changes(), say('last'));
  const isLast = () => received.items.some(({ content }) => content === 'last');
  while (!isLast()) await received.count(received.items.length + 1);
  expect(received.items.map(({ content }) => content).filter((content) => content !== 'warm up')).toEqual(['one', 'last']);
});

it('a user that was removed before its event was resolved does not decide which status the members see', async () => {
  const { chat, feed, handlers } = kit.services;
  const created = say('one');
  const { messageId } = created.payload as { messageId: string };
  // The removed user is the first one that gets the event.
  expect(talk.members[0]!.userId).toBe(ada.userId);
  handlers.set('POST /chat/messages/receipts', ({ userId }) =>
    userId === ada.userId ? [] : [{ messageId, status: 'READ', readAt: TIME }],
  );
  chat.readMessageIds.add(messageId);
  const [removed, member] = [await kit.events(ada.token, undefined, SELECTION), await kit.events(ben.token, undefined, SELECTION)];
  await feed.publish(feed.recordChange('MessageUpdated', talk, created, { content: 'two', editedAt: TIME }));
  expect((await member.count(2))[1].message.status).toBe('READ');
  expect((await removed.count(2))[1].message.status).toBe('SENT');
  handlers.delete('POST /chat/messages/receipts');
});
