import { randomUUID } from 'node:crypto';
import type { Client } from 'pg';

/** A group without events. The user and so many others are members, and have read all messages but the last ones. */
export interface GeneratedGroup {
  messages: number;
  otherMembers: number;
  unread: number;
}

/** Stores groups of this user with SQL; their ids, the one with the newest message first. */
export async function generateGroups(sql: Client, userId: string, groups: GeneratedGroup[]): Promise<string[]> {
  const ids: string[] = [];
  for (const [index, group] of groups.entries()) {
    const id = randomUUID();
    ids.push(id);
    await sql.query(
      `insert into conversations (id, kind, title, last_seq, last_message_at, has_membership_record, created_by, created_at)
         values ($1, 'GROUP', 'Group', $2, now() - make_interval(mins => $3), true, $4, now() - interval '2 days')`,
      [id, group.messages, index, userId],
    );
    const { rows } = await sql.query<{ user_id: string }>(
      `insert into members (conversation_id, user_id, role, last_read_seq, last_delivered_seq, joined_at)
         select $1, user_id, 'MEMBER', $4::int, $5::int, now() - interval '2 days'
           from (select $2::uuid as user_id union all select gen_random_uuid() from generate_series(1, $3::int)) member returning user_id`,
      [id, userId, group.otherMembers, group.messages - group.unread, group.messages],
    );
    const members = rows.map(({ user_id }) => user_id);
    // Each member has read them in ten parts.
    await sql.query(
      `insert into read_receipt_history (conversation_id, user_id, seq, read_at)
         select $1, user_id, ($3::int * part / 10)::int, now() - interval '1 hour' from unnest($2::uuid[]) user_id, generate_series(1, 10) part
         on conflict do nothing`,
      [id, members, group.messages - group.unread],
    );
    await sql.query(
      `insert into messages (id, conversation_id, seq, sender_id, client_message_id, content, created_at)
         select gen_random_uuid(), $1, seq, ($2::uuid[])[1 + seq % cardinality($2::uuid[])], gen_random_uuid()::text, repeat('x', 100), now() - interval '1 day'
           from generate_series(1, $3::int) seq`,
      [id, members, group.messages],
    );
  }
  await sql.query('vacuum analyze messages, conversations, members, read_receipt_history');
  return ids;
}
