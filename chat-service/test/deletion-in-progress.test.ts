import type { MessagePage } from '@chat/shared/contracts';
import { newId } from '@chat/shared/database';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Chat } from './kit/chat.js';
import { ChatWithEvents } from './kit/chat-with-events.js';
import { locked } from './kit/locked.js';
import type { TestUser } from './kit/test-user.js';

let world: ChatWithEvents;
let chat: Chat;
beforeAll(async () => {
  world = await ChatWithEvents.start();
  ({ chat } = world);
});
afterAll(() => world?.stop());

const HOLD_WORKERS = `select pg_advisory_xact_lock(hashtextextended('user deletions of chat', 0))`;
const part = () => chat.rows<{ state: string }>('select continue_user_deletion(3, 70) as state').then(([row]) => row!.state);

/** Messages of a user in a new group, every third without a key. */
async function history(user: TestUser, other: TestUser, length: number): Promise<string> {
  const id = await chat.group([user, other]);
  await chat.sql.query(
    `insert into messages (id, conversation_id, seq, sender_id, client_message_id, content, created_at)
       select gen_random_uuid(), $1::uuid, seq, $2, case when seq % 3 > 0 then $1::uuid || ' ' || seq end, 'message', now() from generate_series(1, $3) seq`,
    [id, user.userId, length],
  );
  await chat.sql.query('update conversations set last_seq = $2 where id = $1', [id, length]);
  return id;
}

it('from the event on, reads show tombstones and sends are refused, although the work waits for a lock', async () => {
  const [ada, ben] = (await chat.users(2)) as [TestUser, TestUser];
  const { conversationId, id } = await ada.send({ receiverId: ben.userId, content: 'secret', clientMessageId: newId() });
  const group = await history(ada, ben, 2);
  await locked(chat, ['select 1 from conversations where id = any ($1) for update', [[conversationId, group]]], async () => {
    await world.publish('UserDeleted', ada.userId);
    for (const shown of [conversationId, group]) {
      const { data } = await ben.must<MessagePage>('GET', `/chat/messages?conversationId=${shown}`);
      for (const message of data) expect(message).toMatchObject({ content: '', clientMessageId: null, deletedAt: expect.any(String) });
      expect((await ben.conversation(shown)).lastMessage).toMatchObject({ content: '' });
    }
    expect(await ben.must('GET', `/chat/messages/${id}`)).toMatchObject({ content: '' });
    expect((await ben.conversation(group)).members.map(({ userId }) => userId)).toEqual([ben.userId]);
    expect(await chat.rows(`select 1 from messages where id = $1 and content = 'secret'`, [id])).toHaveLength(1);
  });
});

it('before the work has begun, messages of the deleted user and to this user are refused, and those of others are stored', async () => {
  const [ada, ben, carl] = (await chat.users(3)) as [TestUser, TestUser, TestUser];
  const { conversationId } = await ada.send({ receiverId: ben.userId, content: 'hello' });
  const group = await history(ada, ben, 50);
  const other = await chat.group([ben, carl]);
  await locked(chat, [HOLD_WORKERS, []], async () => {
    await world.publish('UserDeleted', ada.userId);
    for (const [user, request, status] of [
      [ben, { conversationId }, 403],
      [ben, { receiverId: ada.userId }, 403],
      [ada, { conversationId }, 403],
      [ada, { conversationId: group }, 404],
      [ben, { conversationId: group }, 201],
      [ben, { conversationId: other }, 201],
    ] as const)
      expect([request, (await user.request('POST', '/chat/messages', { ...request, content: 'x' })).status]).toEqual([request, status]);
    const many = Array.from({ length: 30 }, () => [
      ben.request('POST', '/chat/messages', { conversationId, content: 'x' }),
      ada.request('POST', '/chat/messages', { conversationId: group, content: 'x' }),
      ben.request('POST', '/chat/messages', { conversationId: other, content: 'x' }),
    ]).flat();
    expect(new Set((await Promise.all(many)).map(({ status }, i) => `${i % 3} ${status}`))).toEqual(new Set(['0 403', '1 404', '2 201']));
  });
});

it('no part is done twice, by whatever number of processes, nor lost in a crash', async () => {
  const [ada, ben] = (await chat.users(2)) as [TestUser, TestUser];
  const group = await history(ada, ben, 2000);
  await chat.sql.query(`
    create table updates (id uuid not null);
    create function note_update() returns trigger language plpgsql as $$ begin insert into chat.updates values (old.id); return null; end $$;
    create trigger note_update after update on messages for each row execute function note_update()`);
  await locked(chat, [HOLD_WORKERS, []], () => world.publish('UserDeleted', ada.userId));
  const crashing = await chat.sql.connect();
  await Promise.all(
    Array.from({ length: 3 }, async (_, i) => {
      for (let state = ''; state !== 'idle'; state = await part()) {
        if (i > 0) continue;
        await crashing.query('begin');
        await crashing.query('select continue_user_deletion(3, 70)');
        await crashing.query('rollback');
      }
    }),
  );
  crashing.release();
  // Those without a key get one for the time being.
  const counts = await chat.rows(
    `select case when m.seq % 3 > 0 then 1 else 2 end = (select count(*) from updates u where u.id = m.id) as once, count(*)::int
       from messages m where m.conversation_id = $1 and content = '' and client_message_id is null and deleted_at is not null group by 1`,
    [group],
  );
  expect(counts).toEqual([{ once: true, count: 2000 }]);
  expect(await chat.rows('select 1 from members where user_id = $1', [ada.userId])).toEqual([]);
});
