import type { ChatConversation, FeedEvent } from '@chat/shared/contracts';
import { AppError } from '@chat/shared/errors';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { GatewayKit, type UserWithToken } from './kit/gateway-kit.js';

/* What one change of a group of 1,000 members costs chat-service, with many of them connected. */
const CONNECTED = 20;
const MEMBERS = 1000;

let kit: GatewayKit;
let users: UserWithToken[];
let group: ChatConversation;
beforeAll(async () => {
  kit = await GatewayKit.start();
});
afterAll(() => kit?.stop());
beforeEach(async () => {
  users = await Promise.all(Array.from({ length: CONNECTED }, () => kit.createUser()));
  const others = Array.from({ length: MEMBERS - CONNECTED }, () => randomUUID());
  group = kit.services.chat.addConversation([...users.map(({ userId }) => userId), ...others]);
  Object.assign(group, { kind: 'GROUP', title: 'Team' });
});

const ALL = 'id title lastSeq participants members { userId role lastReadSeq lastDeliveredSeq }';
const OWN = 'unreadCount mutedUntil lastMessage { content } lastMessageAt';
const selection = (fields: string) => `__typename cursor ... on ConversationUpdated { conversation { ${fields} } }
  ... on ConversationCreated { conversation { ${fields} } }
  ... on MembersChanged { added removed now: conversation { ${fields} } }`;
const open = (fields: string) => Promise.all(users.map(({ token }) => kit.events(token, undefined, selection(fields))));
const pathOf = ({ id }: ChatConversation) => `/chat/conversations/${id}/for-members`;
const conversationIn = (item: any) => item.conversation ?? item.now;

function changes(): FeedEvent[] {
  const { feed } = kit.services;
  return [feed.recordTitle(group, 'New'), feed.recordMembers(group, { added: [randomUUID()] }), feed.recordConversation(group)];
}

/** What chat-service was asked while these events were delivered to all streams. */
async function callsDuring(events: FeedEvent[], streams: Awaited<ReturnType<typeof open>>): Promise<string[]> {
  const before = kit.services.calls.length;
  const received = streams[0]!.items.length;
  for (const [n, event] of events.entries()) {
    await kit.services.feed.publish(event);
    for (const stream of streams) await stream.count(received + n + 1);
  }
  const calls = kit.services.calls.slice(before).map(({ method, path }) => `${method} ${path}`);
  return calls.filter((call) => call.includes('/chat/conversations'));
}

it.each([
  ['what is the same for all members', ALL],
  ['what each member has of its own', `${ALL} ${OWN}`],
])('the conversation of a change is loaded once for all sockets, with %s', async (_name, fields) => {
  const streams = await open(fields);
  group.unreadCount = 3;
  // What comes faster than sockets take it is loaded less often.
  for (const [n, event] of changes().entries()) {
    await kit.services.feed.publish(event);
    for (const stream of streams) await stream.count(2 + n);
    expect(kit.services.callsOf('GET', pathOf(group))).toHaveLength(n + 1);
  }
  expect(kit.services.calls.filter(({ path, method }) => method === 'POST' && path.endsWith('/bulk'))).toEqual([]);
  for (const { items } of streams)
    for (const item of items.slice(1)) {
      expect(conversationIn(item)).toMatchObject({ id: group.id, title: 'Team', ...(fields === ALL ? {} : { unreadCount: 3 }) });
      expect(conversationIn(item).members).toHaveLength(MEMBERS);
    }
});

it('a change whose conversation is not selected needs no call, once that is known', async () => {
  const few = '__typename cursor ... on MembersChanged { added }';
  const streams = await Promise.all(users.map(({ token }) => kit.events(token, undefined, few)));
  const [title, members] = changes();
  await callsDuring([title!, members!], streams);
  const before = kit.services.calls.length;
  await kit.services.feed.publish(...changes().slice(0, 2));
  for (const stream of streams) await stream.count(5);
  expect(kit.services.calls.slice(before).filter(({ path }) => path.includes('/chat/conversations'))).toEqual([]);
});

it('changes that sockets read from the feed, because too much comes at once, load the conversation once, too', async () => {
  const streams = await open(ALL);
  const { cursor } = streams[0]!;
  const events = changes();
  const before = kit.services.calls.length;
  const replays = await Promise.all(users.map(({ token }) => kit.events(token, cursor, selection(ALL))));
  for (const replay of replays) {
    await replay.count(1 + events.length);
    for (const item of replay.items.slice(1)) expect(conversationIn(item).members).toHaveLength(MEMBERS);
  }
  expect(kit.services.callsOf('GET', pathOf(group))).toHaveLength(1);
  expect(kit.services.calls.slice(before).filter(({ path }) => path.endsWith('/bulk'))).toEqual([]);
});

it('a member that was removed meanwhile sees nothing of the later state, whatever its sockets share with those of others', async () => {
  const [removed, ...members] = users as [UserWithToken, ...UserWithToken[]];
  const streams = await open(ALL);
  // So that the gateway knows which events depend on what.
  await callsDuring(changes(), streams);
  const title = kit.services.feed.recordTitle(group, 'at the event');
  const left = group.members.filter(({ userId }) => userId !== removed.userId);
  kit.services.handlers.set(`GET ${pathOf(group)}`, () => ({ ...group, title: 'later secret', members: left }));
  await kit.services.feed.publish(title, kit.services.feed.recordMembers(group, { removed: [removed.userId] }));
  for (const stream of streams) await stream.count(6);
  expect(streams[0]!.items.slice(4).map(conversationIn)).toMatchObject([{ title: 'at the event', members: [] }, null]);
  expect(JSON.stringify(streams[0]!.items)).not.toContain('later secret');
  for (const stream of streams.slice(1)) expect(conversationIn(stream.items[4]).members).toHaveLength(members.length + MEMBERS - CONNECTED);
});

it('each member sees its own unread count, mute and last message', async () => {
  const [ada, ben] = users as [UserWithToken, UserWithToken];
  const lastMessage = kit.services.chat.addMessage(group, ada.userId, 'before ben joined');
  kit.services.handlers.set(`GET ${pathOf(group)}`, () => {
    const own = (n: number) => ({ unreadCount: n, mutedUntil: `209${n}-01-01T00:00:00.000Z`, seesLastMessage: n === 0 });
    const { unreadCount: _unreadCount, mutedUntil: _mutedUntil, ...all } = group;
    const lastMessageAt = lastMessage.createdAt;
    return { ...all, lastMessage, lastMessageAt, members: group.members.slice(0, 2).map((member, n) => ({ ...member, ...own(n) })) };
  });
  const streams = [await kit.events(ada.token, undefined, selection(OWN)), await kit.events(ben.token, undefined, selection(OWN))];
  await callsDuring(changes(), streams);
  const shown = streams.map(({ items }) => items.slice(1).map(conversationIn));
  const of = (n: number, sees: object) => ({ unreadCount: n, mutedUntil: `209${n}-01-01T00:00:00.000Z`, ...sees });
  const seen = { lastMessage: { content: 'before ben joined' }, lastMessageAt: lastMessage.createdAt };
  expect(shown[0]).toEqual([1, 2, 3].map(() => of(0, seen)));
  expect(shown[1]).toEqual([1, 2, 3].map(() => of(1, { lastMessage: null, lastMessageAt: null })));
});

it('during an update, a chat-service without that route is asked for each user', async () => {
  kit.services.handlers.set(`GET ${pathOf(group)}`, () => {
    throw new AppError('not-found', 'http/not-found', 'There is nothing here.');
  });
  const streams = await open('title unreadCount');
  const calls = await callsDuring([kit.services.feed.recordTitle(group, 'New')], streams);
  expect(calls.filter((call) => call === 'POST /chat/conversations/bulk')).toHaveLength(CONNECTED);
  for (const { items } of streams) expect(items[1].conversation).toEqual({ title: 'Team', unreadCount: 0 });
});
