import { newId } from '@chat/shared/database';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Chat, eventually } from './kit/chat.js';
import { ChatWithEvents } from './kit/chat-with-events.js';

let world: ChatWithEvents;
let chat: Chat;
beforeAll(async () => {
  world = await ChatWithEvents.start();
  ({ chat } = world);
});
afterAll(() => world?.stop());

const WAITING_FOR_A_LOCK = `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;

const IN_PROGRESS = 'select 1 from user_deletions';

// UserDeleted waits for the lock of the user, which a first message holds; the deletion of the messages waits for that of the conversation.
it.each([
  ['in an existing conversation', false],
  ['that creates a conversation', true],
])('replaces a message %s by a tombstone that was stored but not committed when the deletion started', async (_, isFirst) => {
  const [ada, ben] = await chat.users(2);
  const { conversationId } = await ada!.send({ receiverId: (isFirst ? await chat.user() : ben!).userId, content: 'hello' });
  const sending = await chat.sql.connect();
  await sending.query('begin');
  const message = [ada!.userId, null, newId(), 'at the last moment', null, null, newId(), null, null];
  if (isFirst)
    await sending.query('select * from store_message_to_user($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, true)', [
      ben!.userId,
      ...message,
      newId(),
      newId(),
    ]);
  else await sending.query('select * from store_message($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)', [conversationId, ...message]);
  const deleting = world.deleteUser(ada!.userId);
  await eventually(async () => (await chat.rows(isFirst ? WAITING_FOR_A_LOCK : IN_PROGRESS)).length > 0);
  await sending.query('commit');
  sending.release();
  await deleting;
  expect(await chat.rows(`select content from messages where sender_id = $1 and content <> ''`, [ada!.userId])).toEqual([]);
  const open = 'select 1 from conversations where $1 in (direct_low, direct_high) and not is_closed';
  expect(await chat.rows(open, [ada!.userId])).toEqual([]);
});

// Messages, first ones included, during the deletion: each is either rejected or replaced by a tombstone; no deadlock.
it('leaves no content of concurrent messages', async () => {
  const [ben, ...others] = await chat.users(6);
  for (let round = 0; round < 4; round++) {
    const ada = await chat.user();
    const { conversationId } = await ada.send({ receiverId: ben!.userId, content: 'first' });
    const sends = Array.from({ length: 40 }, (_, i) => {
      if (i % 4 === 0) return ada.request('POST', '/chat/messages', { receiverId: others[i % 5]!.userId, content: `from ada ${i}` });
      if (i % 4 === 1) return others[i % 5]!.request('POST', '/chat/messages', { receiverId: ada.userId, content: `to ada ${i}` });
      return (i % 2 ? ada : ben!).request('POST', '/chat/messages', { conversationId, content: `message ${i}` });
    });
    const [, ...answers] = await Promise.all([world.deleteUser(ada.userId), ...sends]);
    expect(answers.map(({ status }) => status).filter((status) => status !== 201 && status !== 200 && status !== 403)).toEqual([]);
    expect(
      await chat.rows(`select content from messages where sender_id = $1 and (content <> '' or deleted_at is null)`, [ada.userId]),
    ).toEqual([]);
    const open = 'select 1 from conversations where $1 in (direct_low, direct_high) and not is_closed';
    expect(await chat.rows(open, [ada.userId])).toEqual([]);
  }
});
