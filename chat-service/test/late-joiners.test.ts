import type { ChatConversation, ChatMessage, MessagePage, MessageReceipt, Paginated } from '@chat/shared/contracts';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { Chat } from './kit/chat.js';
import { TestGroup } from './kit/groups.js';
import type { TestUser } from './kit/test-user.js';

let chat: Chat;
let [ada, ben, carl]: TestUser[] = [];
let group: TestGroup;
/** Three messages before Carl joins, two afterwards. */
let messages: ChatMessage[];
beforeAll(async () => {
  chat = await Chat.start();
});
afterAll(() => chat?.stop());

const send = (by: TestUser, content: string) => by.send({ conversationId: group.id, content });
const page = (by: TestUser, query = '') => by.must<MessagePage>('GET', `/chat/messages?conversationId=${group.id}${query}`);
const seqs = ({ data }: MessagePage) => data.map(({ seq }) => seq);
const statusOf = async (id: string) => (await ada!.must<MessageReceipt[]>('POST', '/chat/messages/receipts', { messageIds: [id] }))[0]!;

beforeEach(async () => {
  [ada, ben, carl] = await chat.users(3);
  group = await TestGroup.create(chat, ada!, [ben!]);
  messages = [];
  for (let i = 0; i < 3; i++) messages.push(await send(ada!, `before ${i}`));
  await group.add(ada!, carl!);
});

const sendTwoMore = async () => {
  for (let i = 0; i < 2; i++) messages.push(await send(ada!, `after ${i}`));
};

it('a new member has read what was before, and sees nothing of it', async () => {
  const other = await carl!.send({ receiverId: ben!.userId, content: 'hello' });
  expect(await carl!.conversation(group.id)).toMatchObject({ unreadCount: 0, lastMessage: null, lastMessageAt: null, lastSeq: 3 });
  expect((await carl!.conversation(group.id)).members.find(({ userId }) => userId === carl!.userId)).toMatchObject({
    lastReadSeq: 3,
    lastDeliveredSeq: 3,
  });
  for (const query of ['', '&page=2&limit=1', '&beforeSeq=3', '&afterSeq=0', '&aroundSeq=2'])
    expect(await page(carl!, query)).toMatchObject({ data: [], total: 0, hasOlder: false, hasNewer: false });
  const { id } = messages[1]!;
  expect((await carl!.request('GET', `/chat/messages/${id}`)).status).toBe(404);
  expect((await carl!.request('PATCH', `/chat/messages/${id}/read`)).status).toBe(404);
  expect(await carl!.must('POST', '/chat/messages/receipts', { messageIds: [id] })).toEqual([]);
  // The list is by what the user sees: joining came before the other message.
  const { data } = await carl!.must<Paginated<ChatConversation>>('GET', '/chat/conversations');
  expect(data.map(({ id: conversationId }) => conversationId)).toEqual([other.conversationId, group.id]);
  for (const conversation of data) expect(conversation).toEqual(await carl!.conversation(conversation.id));
});

it('pages, total and unread count of a new member contain the messages after joining', async () => {
  await sendTwoMore();
  expect(await carl!.conversation(group.id)).toMatchObject({ unreadCount: 2, lastMessage: { id: messages[4]!.id }, lastSeq: 5 });
  expect(await page(carl!)).toMatchObject({ data: messages.slice(3), total: 2, totalPages: 1, hasOlder: false, hasNewer: false });
  expect(await page(carl!, '&limit=1')).toMatchObject({ data: [{ seq: 5 }], total: 2, totalPages: 2, hasOlder: true });
  expect(seqs(await page(carl!, '&page=2&limit=1'))).toEqual([4]);
  expect(seqs(await page(carl!, '&page=3&limit=1'))).toEqual([]);
  expect(await page(carl!, '&beforeSeq=5')).toMatchObject({ data: [{ seq: 4 }], hasOlder: false, hasNewer: true });
  expect(seqs(await page(carl!, '&afterSeq=0&limit=1'))).toEqual([4]);
  expect(seqs(await page(carl!, '&aroundSeq=4&limit=3'))).toEqual([4, 5]);
  await carl!.markRead(group.id, 4);
  expect(await carl!.conversation(group.id)).toMatchObject({ unreadCount: 1 });
  expect(await page(ada!)).toMatchObject({ total: 5 });
});

it('a search of a new member has no hits from before joining', async () => {
  await sendTwoMore();
  const found = async (by: TestUser, query: string) =>
    (await by.must<{ data: ChatMessage[] }>('POST', '/chat/messages/search', { query, conversationId: group.id })).data.map(
      ({ seq }) => seq,
    );
  expect(await found(carl!, 'before')).toEqual([]);
  expect(await found(carl!, 'after')).toEqual([5, 4]);
  expect(await found(ben!, 'before')).toEqual([3, 2, 1]);
  await group.remove(ada!, carl!);
  expect((await carl!.request('POST', '/chat/messages/search', { query: 'after', conversationId: group.id })).status).toBe(404);
  expect(await carl!.must('POST', '/chat/messages/search', { query: 'after' })).toMatchObject({ data: [] });
});

it('changes of a message from before joining are refused, as if it did not exist', async () => {
  const { id } = messages[0]!;
  for (const [method, path, body] of [
    ['PATCH', `/chat/messages/${id}`, { content: 'x' }],
    ['DELETE', `/chat/messages/${id}`],
    ['POST', `/chat/messages/${id}/reactions`, { emoji: '👍' }],
    ['GET', `/chat/messages/${id}/versions`],
  ] as const)
    expect([method, (await carl!.request(method, path, body)).status]).toEqual([method, 404]);
  const reply = { conversationId: group.id, content: 'x', replyToId: id };
  expect((await carl!.request('POST', '/chat/messages', reply)).status).toBe(
    (await carl!.request('POST', '/chat/messages', { ...reply, replyToId: ada!.userId })).status,
  );
  expect((await ben!.request('POST', '/chat/messages', reply)).status).toBe(201);
});

it('receipts of a new member count only for the messages that the member sees', async () => {
  expect(await statusOf(messages[0]!.id)).toMatchObject({ status: 'SENT', readAt: null });
  await ben!.markRead(group.id, 3);
  const read = await statusOf(messages[0]!.id);
  expect(read).toMatchObject({ status: 'READ', readAt: expect.any(String) });
  await sendTwoMore();
  await ben!.markRead(group.id, 5);
  expect(await statusOf(messages[3]!.id)).toMatchObject({ status: 'SENT' });
  await carl!.markRead(group.id, 5);
  expect(await statusOf(messages[3]!.id)).toMatchObject({ status: 'READ' });
  expect(await statusOf(messages[0]!.id)).toEqual(read);
});

it('a member that was removed and added again begins anew', async () => {
  await sendTwoMore();
  await group.remove(ada!, carl!);
  messages.push(await send(ben!, 'meanwhile'));
  await group.add(ada!, carl!);
  expect(await page(carl!)).toMatchObject({ data: [], total: 0 });
  expect((await carl!.request('GET', `/chat/messages/${messages[3]!.id}`)).status).toBe(404);
  messages.push(await send(ben!, 'now'));
  expect(seqs(await page(carl!))).toEqual([7]);
  expect(await carl!.conversation(group.id)).toMatchObject({ unreadCount: 1 });
  expect((await send(carl!, 'here I am')).seq).toBe(8);
});
