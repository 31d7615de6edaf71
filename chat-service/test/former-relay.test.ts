import { Client } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createConversation } from './kit/build-before.js';
import { Chat, eventually } from './kit/chat.js';
import type { TestUser } from './kit/test-user.js';

/** The relay of the build before: it cannot publish on chat.membership, and would block the conversation. */
let formerRelay: Client;
let chat: Chat;
beforeAll(async () => {
  chat = await Chat.start({
    hasOtherRelay: true,
    prepare: async ({ adminUrl }) => {
      formerRelay = new Client({ connectionString: adminUrl, options: '-c search_path=chat' });
      await formerRelay.connect();
      await formerRelay.query(`select pg_advisory_lock(hashtextextended('outbox relay of chat', 0))`);
    },
  });
});
afterAll(async () => {
  await formerRelay?.end();
  await chat?.stop();
});

it('nothing is written for chat.membership while a relay of the build before is active, and everything afterwards', async () => {
  const [alice, bob, carl] = (await chat.users(3)) as [TestUser, TestUser, TestUser];
  const { conversationId } = await alice.send({ receiverId: bob.userId, content: 'Hi' });
  const opened = await alice.must<{ id: string }>('POST', '/chat/conversations', { receiverId: carl.userId });
  const former = await createConversation(formerRelay, 'DIRECT', [bob.userId, carl.userId]);
  expect((await chat.outbox(conversationId)).map(({ type }) => type)).toEqual(['ConversationCreated', 'MessageCreated']);
  expect(await chat.rows(`select 1 from outbox where topic = 'chat.membership'`)).toEqual([]);

  await formerRelay.query('select pg_advisory_unlock_all()');
  for (const id of [conversationId, opened.id, former])
    await eventually(async () => expect(await chat.outbox(id, 'chat.membership')).toHaveLength(1));
  const [created] = await chat.outbox(conversationId);
  expect(await chat.outbox(conversationId, 'chat.membership')).toEqual([created]);
  const next = await bob.send({ receiverId: (await chat.user()).userId, content: 'Hi' });
  expect(await chat.outbox(next.conversationId, 'chat.membership')).toHaveLength(1);
});
