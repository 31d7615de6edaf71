import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '@chat/shared/testing';
import type { Subscription } from '@chat/testkit/subscription';
import { TestUser } from '@chat/testkit/user';
import { gateway } from './kit/gateway.ts';

/*
 * Ann has a group with Ben and Cem. Ben is removed, and then everything changes in it: Ben, who never closed the stream, gets nothing of it, and no
 * query, mutation or subscription of his knows the group.
 */

const client = gateway();
afterAll(() => client.close());

const CHANGED = 'message { id content }';
const EVENTS = `subscription ($after: String) { events(after: $after) { __typename cursor
  ${['MessageCreated', 'MessageUpdated', 'MessageDeleted', 'ReactionsChanged'].map((type) => `... on ${type} { ${CHANGED} }`).join(' ')}
  ... on StreamOpened { recovered }
  ... on ReceiptsAdvanced { conversationId }
  ... on ConversationCreated { conversation { id title } }
  ... on ConversationUpdated { conversation { id title } }
  ... on MembersChanged { conversationId removed left: conversation { id title } } } }`;

let ann: TestUser;
let ben: TestUser;
let cem: TestUser;
let groupId: string;
/** Of Ann, Ben and Cem, in the group. */
const messages: Record<'ann' | 'ben' | 'cem', string> = { ann: '', ben: '', cem: '' };
let live: Subscription<any>;
let firstCursor: string;

beforeAll(async () => {
  [ann, ben, cem] = (await Promise.all(['ann', 'ben', 'cem'].map((name) => TestUser.register(client, name)))) as [
    TestUser,
    TestUser,
    TestUser,
  ];
  const input = { title: 'before', memberIds: [ben.userId, cem.userId] };
  const { createGroup } = await ann.mustAsk('mutation ($input: CreateGroupInput!) { createGroup(input: $input) { id } }', { input });
  groupId = createGroup.id;
  live = ben.subscribe(EVENTS);
  firstCursor = (await live.waitFor((item) => item.__typename === 'StreamOpened', 'the stream')).cursor;
  for (const [name, user] of Object.entries({ ann, ben, cem }))
    messages[name as 'ann'] = (await user.sendIn(groupId, `open by ${name}`)).id;
  await live.waitFor((item) => item.message?.id === messages.cem, 'the message of Cem');

  await change(ann, 'removeGroupMember', `, userId: "${ben.userId}"`);
  await ann.sendIn(groupId, 'hidden');
  await ann.mustAsk(`mutation { editMessage(messageId: "${messages.ann}", content: "hidden edit") { id } }`);
  await ann.mustAsk(`mutation { addReaction(messageId: "${messages.ben}", emoji: "👍") { id } }`);
  await cem.mustAsk(`mutation { deleteMessage(messageId: "${messages.cem}") { id } }`);
  await change(ann, 'updateGroup', ', title: "hidden title"');
  await cem.mustAsk(`mutation { markConversationAsRead(conversationId: "${groupId}", seq: 4) { id } }`);
}, 60_000);
afterAll(() => live?.close());

function change(user: TestUser, mutation: string, args: string): Promise<unknown> {
  return user.mustAsk(`mutation { ${mutation}(conversationId: "${groupId}"${args}) { id } }`);
}

/** Everything about the group before this event of the same user has come. */
async function markOf(items: any[]): Promise<void> {
  const { id } = await ann.sendTo(ben.userId, 'the mark');
  await eventually(() => expect(items.some((item) => item.message?.id === id)).toBe(true));
}

const ofGroup = (items: any[]) =>
  items.filter(({ message, conversation, conversationId }) =>
    message
      ? Object.values(messages).includes(message.id) || message.content.includes('hidden')
      : (conversation?.id ?? conversationId) === groupId,
  );

it('the removal is the last event of the group that a removed member receives, and tells nothing of the group', async () => {
  await markOf(live.items);
  const events = ofGroup(live.items);
  expect(events.at(-1)).toMatchObject({ __typename: 'MembersChanged', removed: [ben.userId], left: null });
  expect(JSON.stringify(live.items)).not.toContain('hidden');
});

it('so it is in a replay from a cursor of before', async () => {
  const replay = ben.subscribe<any>(EVENTS, { after: firstCursor });
  await markOf(replay.items);
  expect(replay.items[0]).toMatchObject({ __typename: 'StreamOpened', recovered: true });
  expect(ofGroup(replay.items).at(-1)).toMatchObject({ __typename: 'MembersChanged', removed: [ben.userId], left: null });
  expect(JSON.stringify(replay.items)).not.toContain('hidden');
  await replay.close();
});

it.each([
  ['getConversation', () => `{ getConversation(conversationId: "${groupId}") { title } }`],
  ['getMessages', () => `{ getMessages(conversationId: "${groupId}") { data { content } } }`],
  ['getMessages before a position', () => `{ getMessages(conversationId: "${groupId}", beforeSeq: 3) { data { content } } }`],
  ['getMessages around a position', () => `{ getMessages(conversationId: "${groupId}", aroundSeq: 2) { data { content } } }`],
  ['getMessage', () => `{ getMessage(messageId: "${messages.ann}") { content } }`],
  ['getMessage of the own message', () => `{ getMessage(messageId: "${messages.ben}") { content } }`],
  ['getReactionUserIds', () => `{ getReactionUserIds(messageId: "${messages.ben}", emoji: "👍") { data } }`],
  ['searchMessages in the group', () => `{ searchMessages(query: "open", conversationId: "${groupId}") { data { content } } }`],
  ['sendMessage', () => `mutation { sendMessage(input: { conversationId: "${groupId}", content: "x" }) { id } }`],
  ['editMessage of the own message', () => `mutation { editMessage(messageId: "${messages.ben}", content: "x") { id } }`],
  ['deleteMessage of the own message', () => `mutation { deleteMessage(messageId: "${messages.ben}") { id } }`],
  ['addReaction', () => `mutation { addReaction(messageId: "${messages.ann}", emoji: "👍") { id } }`],
  ['removeReaction', () => `mutation { removeReaction(messageId: "${messages.ben}", emoji: "👍") { id } }`],
  ['markMessageAsRead', () => `mutation { markMessageAsRead(messageId: "${messages.ann}") { id } }`],
  ['markConversationAsRead', () => `mutation { markConversationAsRead(conversationId: "${groupId}", seq: 1) { title } }`],
  ['markConversationAsDelivered', () => `mutation { markConversationAsDelivered(conversationId: "${groupId}", seq: 1) }`],
  ['muteConversation', () => `mutation { muteConversation(conversationId: "${groupId}", until: null) { title } }`],
  ['setTyping', () => `mutation { setTyping(conversationId: "${groupId}", typing: true) }`],
  ['updateGroup', () => `mutation { updateGroup(conversationId: "${groupId}", title: "x") { title } }`],
  ['addGroupMembers', () => `mutation { addGroupMembers(conversationId: "${groupId}", userIds: ["${ben.userId}"]) { title } }`],
  ['removeGroupMember', () => `mutation { removeGroupMember(conversationId: "${groupId}", userId: "${cem.userId}") { title } }`],
  [
    'setGroupMemberRole',
    () => `mutation { setGroupMemberRole(conversationId: "${groupId}", userId: "${ben.userId}", role: OWNER) { title } }`,
  ],
  ['leaveConversation', () => `mutation { leaveConversation(conversationId: "${groupId}") }`],
])('%s does not know the group', async (_, operation) => {
  const { data, errors } = await ben.ask(operation());
  expect(errors.map(({ code }) => code)).toEqual(['NOT_FOUND']);
  expect(JSON.stringify(data ?? {})).not.toContain('open');
});

it('a reply elsewhere to a message of the group is refused like one to a message that does not exist', async () => {
  const reply = (replyToId: string) =>
    ben.ask('mutation ($input: CreateMessageInput!) { sendMessage(input: $input) { id } }', {
      input: { receiverId: ann.userId, content: 'x', replyToId },
    });
  const { errors } = await reply(messages.ann);
  expect(errors.map(({ code }) => code)).toEqual(['BAD_USER_INPUT']);
  expect(errors[0]!.message).toBe((await reply(randomUUID())).errors[0]!.message);
});

it('neither do lists, searches and notifications of a removed member', async () => {
  const { getConversations, searchMessages, getNotifications } = await ben.mustAsk(
    '{ getConversations { data { id } } searchMessages(query: "open") { data { content } } getNotifications { data { message } } }',
  );
  expect(getConversations.data.map(({ id }: { id: string }) => id)).not.toContain(groupId);
  expect(searchMessages.data).toEqual([]);
  expect(JSON.stringify(getNotifications)).not.toMatch(/open by|hidden/);
});

it.each(['typingChanged', 'messageReceived'])('the subscription %s for the group is refused or silent', async (field) => {
  const selection = field === 'typingChanged' ? '{ userId }' : '{ content }';
  const stream = ben.subscribe<any>(`subscription { ${field}(conversationId: "${groupId}") ${selection} }`);
  await cem.mustAsk(`mutation { setTyping(conversationId: "${groupId}", typing: true) }`);
  await cem.sendIn(groupId, 'hidden again');
  await markOf(live.items);
  expect(stream.items).toEqual([]);
  await stream.close();
});

it('after being added again, what was before the new joining stays unknown', async () => {
  await change(ann, 'addGroupMembers', `, userIds: ["${ben.userId}"]`);
  const input = { conversationId: groupId, content: 'open again', replyToId: messages.ann };
  await ann.mustAsk('mutation ($input: CreateMessageInput!) { sendMessage(input: $input) { id } }', { input });
  const { getConversation, searchMessages, ...pages } = await ben.mustAsk(
    `{ getConversation(conversationId: "${groupId}") { title unreadCount }
       newest: getMessages(conversationId: "${groupId}") { ...page }
       after: getMessages(conversationId: "${groupId}", afterSeq: 0) { ...page }
       around: getMessages(conversationId: "${groupId}", aroundSeq: 2) { ...page }
       searchMessages(query: "open") { data { content } } }
     fragment page on PaginatedMessages { total hasOlder data { content replyTo { content } } }`,
  );
  expect(getConversation).toEqual({ title: 'hidden title', unreadCount: 1 });
  const page = { total: 1, hasOlder: false, data: [{ content: 'open again', replyTo: null }] };
  expect(pages).toEqual({ newest: page, after: page, around: page });
  expect(searchMessages.data).toEqual([{ content: 'open again' }]);
  const { errors } = await ben.ask(`{ getMessage(messageId: "${messages.ben}") { content } }`);
  expect(errors.map(({ code }) => code)).toEqual(['NOT_FOUND']);
});

it('neither does a replay from a cursor of the former membership show it', async () => {
  await change(ann, 'addGroupMembers', `, userIds: ["${ben.userId}"]`);
  const { id } = await ann.sendIn(groupId, 'open to Ben');
  const replay = ben.subscribe<any>(EVENTS, { after: firstCursor });
  await replay.waitFor((item) => item.message?.id === id, 'the message');
  expect(replay.items[0]).toMatchObject({ __typename: 'StreamOpened', recovered: true });
  expect(JSON.stringify(replay.items)).not.toMatch(/open by|"content":"hidden/);
  await replay.close();
});
