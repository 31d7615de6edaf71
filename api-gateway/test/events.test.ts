import type { ChatConversation, FeedEvent } from '@chat/shared/contracts';
import { channels } from '@chat/shared/realtime';
import { eventually } from '@chat/shared/testing';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { GatewayKit, numbers, type UserWithToken } from './kit/gateway-kit.js';

let kit: GatewayKit;
let ada: UserWithToken;
let ben: UserWithToken;
let talk: ChatConversation;
let say: (content: string) => FeedEvent;
beforeAll(async () => {
  kit = await GatewayKit.start();
});
afterAll(() => kit.stop());
beforeEach(async () => {
  ({ ada, ben, talk, say } = await kit.createConversation());
});

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

it('a new conversation has the fields of its event, and is loaded when other fields are selected', async () => {
  const few = await kit.events(ada.token);
  const more = await kit.events(
    ada.token,
    undefined,
    'cursor ... on ConversationCreated { conversation { id unreadCount members { userId lastReadSeq } } }',
  );
  await kit.services.feed.publish(kit.services.feed.recordConversation(talk));
  talk.unreadCount = 4;
  await few.count(2);
  await more.count(2);
  expect(more.items[1].conversation).toMatchObject({ id: talk.id, unreadCount: 4, members: [{ userId: ada.userId, lastReadSeq: 0 }, {}] });
  expect(kit.services.callsOf('GET', `/chat/conversations/${talk.id}/for-members`)).toMatchObject([{ tokenType: 'internal+jwt' }]);
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
