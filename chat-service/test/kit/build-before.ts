import { newId } from '@chat/shared/database';
import { Client } from 'pg';

/** Removes what the migration membership-records has added, so that the service applies it at its start. */
export async function removeMembershipRecords(sql: Client): Promise<void> {
  await sql.query('alter table conversations drop column has_membership_record');
  await sql.query(`delete from migrations where name like 'MembershipRecords%'`);
}

/** What the build before writes for a conversation, without its event on chat.conversation. `createdAt` is RFC 3339. */
export async function createConversation(
  sql: Client,
  kind: 'DIRECT' | 'GROUP',
  userIds: string[],
  createdAt = new Date().toISOString(),
): Promise<string> {
  const id = newId();
  const [low = null, high = null] = kind === 'DIRECT' ? userIds.toSorted() : [];
  await sql.query(
    `with created as (
       insert into conversations (id, kind, title, direct_low, direct_high, created_by, created_at)
         values ($1, $2::text, case when $2 = 'GROUP' then 'Group' end, $3, $4, $5, $6))
     insert into members (conversation_id, user_id, role, joined_at) select $1, unnest($7::uuid[]), 'MEMBER', $6`,
    [id, kind, low, high, userIds[0] ?? newId(), createdAt, userIds],
  );
  return id;
}
