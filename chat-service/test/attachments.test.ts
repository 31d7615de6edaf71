import type { ChatMessage, MessagePage, SearchPage, SendMessageRequest } from '@chat/shared/contracts';
import { newId } from '@chat/shared/database';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Chat, eventually, sendByRpc } from './kit/chat.js';
import { TestFiles } from './kit/files.js';
import type { TestUser } from './kit/test-user.js';

let chat: Chat;
let files: TestFiles;
let ada: TestUser;
let ben: TestUser;
beforeAll(async () => {
  chat = await Chat.start();
  files = new TestFiles(chat);
});
afterAll(() => chat?.stop());
beforeEach(async () => {
  [ada, ben] = (await chat.users(2)) as [TestUser, TestUser];
});

const stateOf = (user: TestUser) =>
  chat.rows('select id, last_seq from conversations where $1 in (direct_low, direct_high) order by id', [user.userId]);

/** What a refused send must not change. Events of receipts follow earlier sends. */
const all = async () => [
  await stateOf(ada),
  await chat.rows(`select count(*) from outbox where type <> 'ReceiptsAdvanced'`),
  await chat.rows('select * from attachments order by upload_id'),
];

async function refused(request: SendMessageRequest, code = 'BAD_USER_INPUT', status = 400): Promise<void> {
  const before = await all();
  expect(await ada.request('POST', '/chat/messages', request)).toMatchObject({ status, body: { code } });
  expect(await all()).toEqual(before);
}

describe('a message with attachments', () => {
  it('has their descriptions in every answer, and in its event', async () => {
    const [first, second] = [await files.upload(ada, { width: 30, fileName: 'one.png' }), await files.upload(ada, { fileName: 'two.png' })];
    const sent = await ada.send({ receiverId: ben.userId, content: 'look', attachmentIds: [second.id, first.id, second.id] });
    const { id, fileName, mimeType, sizeBytes, width, height, createdAt } = first;
    const description = {
      id,
      kind: 'IMAGE',
      fileName,
      mimeType,
      sizeBytes,
      width,
      height,
      durationSeconds: null,
      waveform: null,
      createdAt,
    };
    expect(sent.attachments).toMatchObject([{ id: second.id, fileName: 'two.png' }, description]);
    expect(description).toMatchObject({ fileName: 'one.png', width: 30, height: 10 });

    const page = await ben.must<MessagePage>('GET', `/chat/messages?conversationId=${sent.conversationId}`);
    const search = await ben.must<SearchPage>('POST', '/chat/messages/search', { query: 'look' });
    const seen: ChatMessage[] = [
      page.data[0]!,
      search.data[0]!,
      await ben.message(sent.id),
      (await ben.conversation(sent.conversationId)).lastMessage!,
    ];
    for (const message of seen) expect(message.attachments).toEqual(sent.attachments);
    const events = await chat.outbox<{ attachments?: unknown }>(sent.conversationId);
    expect(events.at(-1)).toMatchObject({ type: 'MessageCreated', payload: { messageId: sent.id, attachments: sent.attachments } });
    expect(await files.states([first.id, second.id])).toEqual(['attached', 'attached']);
  });

  it('needs no content, can be replied to, and is one send among others in their order', async () => {
    const { conversationId } = await ada.send({ receiverId: ben.userId, content: 'one' });
    const ids = await files.uploads(ada, 2);
    const client = chat.rpcClient();
    const send = (request: SendMessageRequest) => sendByRpc(client, { conversationId, ...request }, { token: ada.token });
    const sent = await Promise.all([
      send({ content: 'two' }),
      send({ attachmentIds: [ids[0]!] }),
      send({ content: 'four' }),
      send({ content: '', attachmentIds: [ids[1]!] }),
      send({ content: 'six' }),
    ]);
    await client.close();
    expect(sent.map(({ seq, content }) => [seq, content])).toEqual([
      [2, 'two'],
      [3, ''],
      [4, 'four'],
      [5, ''],
      [6, 'six'],
    ]);
    const reply = await ben.send({ conversationId, content: 'nice', replyToId: sent[1]!.id });
    expect(reply.replyToId).toBe(sent[1]!.id);
    const events = await chat.outbox<{ seq: number }>(conversationId);
    expect(events.filter(({ type }) => type === 'MessageCreated').map(({ payload }) => payload.seq)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  it('creates the direct conversation if it is the first', async () => {
    const [id] = await files.uploads(ada, 1);
    expect(await ada.send({ receiverId: ben.userId, attachmentIds: [id!] })).toMatchObject({ seq: 1, attachments: [{ id }] });
  });

  it('is the same for a repeated clientMessageId with the same attachments, and CONFLICT with others', async () => {
    const ids = await files.uploads(ada, 3);
    const request = { receiverId: ben.userId, content: 'x', clientMessageId: newId() };
    const sent = await ada.send({ ...request, attachmentIds: ids.slice(0, 2) });
    expect(await ada.send({ ...request, attachmentIds: ids.slice(0, 2) })).toEqual(sent);
    await ada.edit(sent.id, 'y');
    expect((await ada.send({ ...request, attachmentIds: ids.slice(0, 2) })).id).toBe(sent.id);
    for (const attachmentIds of [[ids[0]!], [ids[1]!, ids[0]!], ids, undefined, [ids[2]!]])
      await refused({ ...request, attachmentIds }, 'CONFLICT', 409);
    const plain = { receiverId: ben.userId, content: 'x', clientMessageId: newId() };
    await ada.send(plain);
    await refused({ ...plain, attachmentIds: [ids[2]!] }, 'CONFLICT', 409);
    expect(await files.states(ids)).toEqual(['attached', 'attached', 'ready']);
    await ada.deleteMessage(sent.id);
    expect(await ada.send({ ...request, attachmentIds: [ids[0]!] })).toMatchObject({ id: sent.id, attachments: [] });
  });

  it('keeps its attachments when it is edited, also to no content', async () => {
    const sent = await ada.send({ receiverId: ben.userId, content: 'a', attachmentIds: await files.uploads(ada, 1) });
    expect(await ada.edit(sent.id, '')).toMatchObject({ content: '', attachments: sent.attachments });
    expect(await ada.edit(sent.id, 'b')).toMatchObject({ content: 'b', attachments: sent.attachments });
    expect((await ada.versions(sent.id)).map(({ content }) => content)).toEqual(['a', '']);
    const [, update] = (await chat.outbox<{ attachments: unknown }>(sent.conversationId)).filter(({ type }) => type === 'MessageUpdated');
    expect(update!.payload.attachments).toEqual(sent.attachments);
    const plain = await ada.send({ conversationId: sent.conversationId, content: 'plain' });
    for (const [id, content] of [
      [plain.id, ''],
      [plain.id, ' '],
      [sent.id, '\u200b'],
    ])
      expect(await ada.request('PATCH', `/chat/messages/${id}`, { content })).toMatchObject({
        status: 400,
        body: { code: 'BAD_USER_INPUT' },
      });
  });
});

describe('an upload', () => {
  it('is used by exactly one message, however many sends want it at once', async () => {
    const [id] = await files.uploads(ada, 1);
    const others = await chat.users(6);
    const answers = await Promise.all(
      others.map(({ userId }) => ada.request<ChatMessage>('POST', '/chat/messages', { receiverId: userId, attachmentIds: [id!] })),
    );
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 400, 400, 400, 400, 400]);
    // A refused first message creates no conversation.
    expect((await stateOf(ada)).length).toBe(1);
    await refused({ receiverId: ben.userId, attachmentIds: [id!] });
  });

  it('that is wrong among good ones changes nothing', async () => {
    const [good] = await files.uploads(ada, 1);
    const foreign = await files.upload(ben);
    const open = await files.ticket(ada, new Uint8Array(100));
    await ada.send({ receiverId: ben.userId, content: 'x' });
    for (const wrong of [foreign.id, open.uploadId, newId()]) await refused({ receiverId: ben.userId, attachmentIds: [good!, wrong] });
    for (const attachmentIds of [['x'], Array.from({ length: 11 }, newId), 'x'] as string[][])
      await refused({ receiverId: ben.userId, attachmentIds });
    for (const content of ['', ' ', '\u200b']) await refused({ receiverId: ben.userId, content, attachmentIds: [] });
    await refused({ receiverId: ben.userId, content: ' ', attachmentIds: [good!] });
    await ben.must('PUT', `/chat/blocks/${ada.userId}`);
    await refused({ receiverId: ben.userId, attachmentIds: [good!] }, 'FORBIDDEN', 403);
    expect(await files.states([good!])).toEqual(['ready']);
  });
});

describe('the file of an attachment', () => {
  it('is read by the members that see the message, as long as they see it', async () => {
    const [carl, dora, stranger] = (await chat.users(3)) as [TestUser, TestUser, TestUser];
    const group = await ada.must<{ id: string }>('POST', '/chat/groups', { title: 'G', memberIds: [ben.userId, carl.userId] });
    const asset = await files.upload(ada);
    expect([await files.read(ada, asset.id), await files.read(ben, asset.id)]).toEqual([200, 404]);
    const sent = await ada.send({ conversationId: group.id, attachmentIds: [asset.id] });
    await ada.must('POST', `/chat/groups/${group.id}/members`, { userIds: [dora.userId] });
    const statuses = () => Promise.all([ada, ben, carl, dora, stranger].map((user) => files.read(user, asset.id, 'medium')));
    expect(await statuses()).toEqual([200, 200, 200, 404, 404]);
    await ada.must('DELETE', `/chat/groups/${group.id}/members/${carl.userId}`);
    await ben.must('POST', `/chat/conversations/${group.id}/leave`);
    expect(await statuses()).toEqual([200, 404, 404, 404, 404]);
    await ada.must('POST', `/chat/conversations/${group.id}/leave`);
    expect(await statuses()).toEqual([404, 404, 404, 404, 404]);
    expect(sent.attachments).toHaveLength(1);
  });

  it('is deleted with its message, and the tombstone has none', async () => {
    const ids = await files.uploads(ada, 2);
    const { id, conversationId } = await ada.send({ receiverId: ben.userId, content: 'x', attachmentIds: ids });
    await eventually(async () => (await files.count(ids)) === 8);
    const usage = async () =>
      (await chat.rows<{ bytes: number }>('select total_bytes::int as bytes from upload_usage where owner_id = $1', [ada.userId]))[0]!
        .bytes;
    expect(await usage()).toBeGreaterThan(0);
    expect(await ada.deleteMessage(id)).toMatchObject({ attachments: [], content: '' });
    expect([await files.read(ben, ids[0]!), await files.read(ada, ids[1]!)]).toEqual([404, 404]);
    await eventually(async () => (await files.count(ids)) === 0);
    expect(await chat.rows('select 1 from uploads where id = any ($1)', [ids])).toEqual([]);
    expect(await usage()).toBe(0);
    const [deleted] = (await chat.outbox(conversationId)).filter(({ type }) => type === 'MessageDeleted');
    expect(JSON.stringify(deleted)).not.toContain(ids[0]);
    await refused({ receiverId: ben.userId, attachmentIds: [ids[0]!] });
  });

  it('is deleted by another process, if the one that deleted its message has crashed', async () => {
    const ids = await files.uploads(ada, 1);
    const { id } = await ada.send({ receiverId: ben.userId, attachmentIds: ids });
    // As the function of the deletion leaves it.
    const deletion = `select delete_message($1, $2, '{}', $3, null, null)`;
    await chat.rows(deletion, [ada.userId, id, newId()]);
    await eventually(async () => (await files.count(ids)) === 0, { timeoutMs: 20_000 });
    expect(await chat.rows('select * from released_uploads')).toEqual([]);
  });
});
