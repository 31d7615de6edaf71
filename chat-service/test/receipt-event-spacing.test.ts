import { newId } from '@chat/shared/database';
import type { PoolClient } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Chat } from './kit/chat.js';

let chat: Chat;
/** In a transaction that is rolled back, so that the events are not published while the test reads them. */
let sql: PoolClient;
beforeAll(async () => {
  chat = await Chat.start();
});
beforeEach(async () => {
  sql = await chat.sql.connect();
  await sql.query('begin');
});
afterEach(async () => {
  await sql.query('rollback');
  sql.release();
});
afterAll(() => chat?.stop());

async function group(members: number): Promise<{ id: string; userIds: string[] }> {
  const id = newId();
  const userIds = Array.from({ length: members }, () => newId());
  await sql.query(
    `insert into conversations (id, kind, title, last_seq, has_membership_record, created_by, created_at) values ($1, 'GROUP', 'x', 10, true, $1, now())`,
    [id],
  );
  await sql.query(`insert into members (conversation_id, user_id, role, joined_at) select $1, unnest($2::uuid[]), 'MEMBER', now()`, [
    id,
    userIds,
  ]);
  return { id, userIds };
}

async function read({ id }: { id: string }, userIds: string[], seq: number): Promise<void> {
  const seqs = userIds.map(() => seq);
  await sql.query('select * from advance_receipts($1, $2, $3, $4, 0)', [userIds.map(() => id), userIds, seqs, seqs]);
}

const SENDS: Record<'store_message' | 'store_messages', (id: string, userId: string) => unknown[]> = {
  store_message: (id: string, userId: string) => [id, userId, newId(), newId(), 'text', null, null, newId(), null, null],
  store_messages: (id: string, userId: string) => [
    [id],
    [userId],
    [newId()],
    [newId()],
    ['text'],
    [null],
    [null],
    [newId()],
    [null],
    [null],
  ],
};

/** When the events are due, in milliseconds after the first one. */
async function dueTimes({ id }: { id: string }): Promise<number[]> {
  const { rows } = await sql.query<{ ms: number }>(
    `select round(extract(epoch from due_at - min(due_at) over ()) * 1000)::int as ms from pending_receipt_events where conversation_id = $1 order by due_at`,
    [id],
  );
  return rows.map(({ ms }) => ms);
}

describe('the events of the receipts of a group', () => {
  it('are due at once while they are less than 2,000 deliveries a second', async () => {
    const small = await group(40);
    await read(small, small.userIds, 1);
    expect(await dueTimes(small)).toEqual(small.userIds.map(() => 0));
  });

  it('are spaced to 2,000 deliveries a second in a larger group, one event of a member for all that was read meanwhile', async () => {
    const large = await group(200);
    await read(large, large.userIds.slice(0, 3), 1);
    expect(await dueTimes(large)).toEqual([0, 100, 200]);
    await read(large, large.userIds.slice(0, 3), 2);
    await read(large, large.userIds.slice(3, 5), 2);
    expect(await dueTimes(large)).toEqual([0, 100, 200, 300, 400]);
  });

  it.each(['store_message', 'store_messages'] as const)('are spaced together with those that sending advances (%s)', async (name) => {
    const send = (to: { id: string }, userId: string) =>
      sql.query(`select * from ${name}($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`, SENDS[name](to.id, userId));
    const large = await group(200);
    await send(large, large.userIds[0]!);
    expect(await dueTimes(large)).toEqual([0]);
    await read(large, large.userIds.slice(1, 4), 1);
    for (const userId of large.userIds.slice(2, 6)) await send(large, userId);
    await read(large, large.userIds.slice(6, 8), 1);
    const times = await dueTimes(large);
    expect(times.slice(2).map((ms) => ms - times[1]!)).toEqual([100, 200, 300, 400, 500, 600]);
  });
});
