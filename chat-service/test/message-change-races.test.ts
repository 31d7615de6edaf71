import type { ChatMessage } from '@chat/shared/contracts';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { Chat } from './kit/chat.js';
import { locked } from './kit/locked.js';
import type { TestUser } from './kit/test-user.js';

let chat: Chat;
let alice: TestUser;
let bob: TestUser;
let message: ChatMessage;
beforeAll(async () => {
  chat = await Chat.start();
});
afterAll(() => chat?.stop());
beforeEach(async () => {
  [alice, bob] = (await chat.users(2)) as [TestUser, TestUser];
  message = await alice.send({ receiverId: bob.userId, content: '0' });
});

const events = async () => (await chat.outbox(message.conversationId)).slice(2);

it('of many edits at once, each has one event and leaves one version, and the last event has what is stored', async () => {
  await Promise.all(Array.from({ length: 20 }, (_, i) => alice.edit(message.id, `${i + 1}`)));
  const { content, editedAt } = await bob.message(message.id);
  const edits = await events();
  expect(edits).toHaveLength(20);
  expect(edits.at(-1)).toMatchObject({ payload: { content, editedAt } });
  const versions = (await bob.versions(message.id)).map((version) => version.content);
  expect(versions).toEqual(['0', ...edits.slice(0, -1).map(({ payload }) => payload['content'])]);
});

it('of edits, reactions and a deletion at once, the tombstone is last, with nothing of the others', async () => {
  for (let round = 0; round < 5; round++) {
    const { id } = await alice.send({ conversationId: message.conversationId, content: 'secret' });
    const answers = await Promise.all([
      ...Array.from({ length: 5 }, (_, i) => alice.request('PATCH', `/chat/messages/${id}`, { content: `secret ${i}` })),
      ...Array.from({ length: 3 }, () => alice.request('DELETE', `/chat/messages/${id}`)),
      ...['👍', '👎', '❤️'].map((emoji) => bob.request('POST', `/chat/messages/${id}/reactions`, { emoji })),
    ]);
    for (const { status } of answers) expect([200, 409]).toContain(status);
    const own = (await events()).filter(({ payload }) => payload['messageId'] === id);
    expect(own.filter(({ type }) => type === 'MessageDeleted')).toHaveLength(1);
    expect(own.at(-1)!.type).toBe('MessageDeleted');
    expect(await bob.message(id)).toMatchObject({ content: '', reactions: [], editedAt: null });
    expect(await chat.rows('select 1 from message_versions where message_id = $1', [id])).toEqual([]);
    expect(await chat.rows('select 1 from message_reactions where message_id = $1', [id])).toEqual([]);
  }
});

it('a reply that is sent while its target is deleted is stored, and shows the tombstone', async () => {
  for (let round = 0; round < 5; round++) {
    const { id } = await alice.send({ conversationId: message.conversationId, content: 'target' });
    const [reply] = await Promise.all([
      bob.send({ conversationId: message.conversationId, content: 'reply', replyToId: id }),
      alice.deleteMessage(id),
    ]);
    expect(await alice.message(reply.id)).toMatchObject({ replyToId: id });
    expect(await alice.message(id)).toMatchObject({ content: '', deletedAt: expect.any(String) });
  }
});

it('changes and sends of one conversation have their events in one order, and none waits for the others for long', async () => {
  const { conversationId, id } = message;
  const sends = Array.from({ length: 60 }, (_, i) => bob.send({ conversationId, content: `${i}` }));
  const edits = Array.from({ length: 10 }, (_, i) => alice.edit(id, `edit ${i}`));
  await Promise.all([...sends, ...edits]);
  const seqs = (await events()).filter(({ type }) => type === 'MessageCreated').map(({ payload }) => payload['seq']);
  expect(seqs).toEqual(Array.from({ length: 60 }, (_, i) => i + 2));
  expect((await events()).filter(({ type }) => type === 'MessageUpdated')).toHaveLength(10);
});

it('a change waits for a lock of another transaction without a connection, and is UNAVAILABLE at the deadline', async () => {
  const lock = ['select 1 from conversations where id = $1 for update', [message.conversationId]] as const;
  await locked(chat, lock, async () => {
    const edit = alice.request('PATCH', `/chat/messages/${message.id}`, { content: 'x' });
    for (let i = 0; i < 10; i++) expect((await bob.request('GET', '/chat/conversations')).status).toBe(200);
    expect(await edit).toMatchObject({ status: 503, body: { code: 'UNAVAILABLE' } });
  });
  expect(await alice.edit(message.id, 'x')).toMatchObject({ content: 'x' });
});
