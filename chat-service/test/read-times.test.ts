import { newId } from '@chat/shared/database';
import { randomInt } from 'node:crypto';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DATABASE_SETTINGS } from '../src/database/queries.module.js';
import { LIST_MESSAGES } from '../src/messages/messages.queries.js';
import { Chat } from './kit/chat.js';
import { knownUsers, TestGroup } from './kit/groups.js';

let chat: Chat;
beforeAll(async () => {
  chat = await Chat.start();
});
afterAll(() => chat?.stop());

/** As read_times is defined, for each message and member. */
const BY_DEFINITION = `
  select m.seq, max(h.read_at) as read_at
    from unnest($2::int[], $3::uuid[]) m (seq, sender_id)
    join members o on o.conversation_id = $1 and o.user_id <> m.sender_id and o.joined_seq < m.seq
    cross join lateral (
      select r.read_at from read_receipt_history r
        where r.conversation_id = o.conversation_id and r.user_id = o.user_id and r.seq >= m.seq order by r.seq limit 1
    ) h
    group by m.seq order by m.seq`;

it('the time of the last reader is that of the definition, for random members, histories and messages', async () => {
  const SEQS = 14;
  for (let n = 0; n < 200; n++) {
    const conversationId = newId();
    const users = Array.from({ length: randomInt(1, 7) }, () => newId());
    await chat.sql.query(`insert into conversations (id, kind, title, created_by, created_at) values ($1, 'GROUP', 'Group', $2, now())`, [
      conversationId,
      users[0],
    ]);
    await chat.sql.query(
      `insert into members (conversation_id, user_id, role, joined_at, joined_seq) select $1, u, 'MEMBER', now(), j from unnest($2::uuid[], $3::int[]) t (u, j)`,
      [conversationId, users, users.map(() => (randomInt(3) === 0 ? randomInt(SEQS) : 0))],
    );
    // Each member reads on at some seqs, at times that only increase; some have no history at all, as after the deletion of an account.
    for (const user of users) {
      const seqs = Array.from({ length: SEQS + 2 }, (_, i) => i + 1).filter(() => randomInt(4) === 0);
      await chat.sql.query(
        `insert into read_receipt_history (conversation_id, user_id, seq, read_at)
           select $1, $2, s, timestamptz '2026-01-01' + (s * 10 + $4) * interval '1 second' from unnest($3::int[]) s`,
        [conversationId, user, seqs, randomInt(30)],
      );
    }
    const seqs = Array.from({ length: SEQS }, (_, i) => i + 1).filter(() => randomInt(3) > 0);
    const values = [conversationId, seqs, seqs.map(() => users[randomInt(users.length)])];
    expect(await chat.rows('select * from read_times($1, $2, $3) order by seq', values)).toEqual(await chat.rows(BY_DEFINITION, values));
  }
});

it('a page of 100 messages that 1,000 members have read costs a look-up for each member, not for each message of each', async () => {
  const ada = await chat.user();
  const others = await knownUsers(chat, 999);
  const group = await TestGroup.create(chat, ada, []);
  await chat.sql.query(`insert into members (conversation_id, user_id, role, joined_at) select $1, unnest($2::uuid[]), 'MEMBER', now()`, [
    group.id,
    others.map(({ userId }) => userId),
  ]);
  for (let n = 0; n < 100; n++) await group.send(ada);
  // Most members have read all at once, some in two steps.
  await chat.sql.query(
    `insert into read_receipt_history (conversation_id, user_id, seq, read_at) select m.conversation_id, m.user_id, s.seq, now()
       from members m cross join (values (60), (100)) s (seq)
       where m.conversation_id = $1 and m.user_id <> $2 and (s.seq = 100 or m.user_id = any ($3::uuid[]))`,
    [group.id, ada.userId, others.slice(0, 50).map(({ userId }) => userId)],
  );
  await chat.sql.query('update members set last_read_seq = 100, last_delivered_seq = 100 where conversation_id = $1', [group.id]);
  const client = new Client({ connectionString: chat.database.adminUrl });
  await client.connect();
  try {
    for (const [name, value] of Object.entries({ ...DATABASE_SETTINGS, search_path: 'chat' }))
      await client.query('select set_config($1, $2, false)', [name, value]);
    await client.query('begin');
    const { rows } = await client.query<{ status: string; read_at: Date | null }>(LIST_MESSAGES.text, [group.id, 1, 100]);
    expect(rows.filter(({ status, read_at }) => status === 'READ' && read_at !== null)).toHaveLength(100);
    const scans = `select idx_scan::int as scans from pg_stat_xact_user_tables where schemaname = 'chat' and relname = 'read_receipt_history'`;
    expect((await client.query<{ scans: number }>(scans)).rows[0]!.scans).toBeLessThan(1100);
    await client.query('rollback');
  } finally {
    await client.end();
  }
});
