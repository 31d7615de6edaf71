import type { MemberRole } from '@chat/shared/contracts';
import { newId } from '@chat/shared/database';
import { currentContext } from '@chat/shared/observability';
import type { EntityManager } from 'typeorm';
import type { Group } from './group-transactions.js';

/*
 * The rows of members, in a transaction of GroupTransactions. MembersChanged is written last, by the statement that changes the last row or after
 * it.
 */

export interface GroupMember {
  userId: string;
  role: MemberRole;
}

/** All members, those whose deletion is in progress included. */
export async function findMembers(manager: EntityManager, { id }: Group): Promise<Map<string, MemberRole>> {
  const rows = await manager.query<GroupMember[]>('select user_id as "userId", role from members where conversation_id = $1', [id]);
  return new Map(rows.map(({ userId, role }) => [userId, role]));
}

/** The added members see the messages after the newest one, and have read and received what is before. */
export async function insertMembers(manager: EntityManager, group: Group, userIds: string[], addedBy: string): Promise<void> {
  await manager.query(
    `insert into members (conversation_id, user_id, role, joined_seq, last_read_seq, last_delivered_seq, joined_at)
       select $1, id, 'MEMBER', $3, $3, $3, date_trunc('milliseconds', clock_timestamp()) from unnest($2::uuid[]) id`,
    [group.id, userIds, group.lastSeq],
  );
  await publish(manager, group, { added: userIds.map((userId) => ({ userId, role: 'MEMBER' })) }, addedBy);
}

/** Returns the new owner, if the last one was removed. */
export async function removeMember(manager: EntityManager, { id }: Group, userId: string, removedBy: string): Promise<string | null> {
  const rows = await manager.query<{ owner: string | null }[]>('select remove_member($1, $2, $3, $4, $5, $6) as owner', [
    id,
    userId,
    removedBy,
    ...eventIds(),
  ]);
  return rows[0]!.owner;
}

export async function updateRole(manager: EntityManager, group: Group, member: GroupMember, changedBy: string): Promise<void> {
  await manager.query('update members set role = $3 where conversation_id = $1 and user_id = $2', [group.id, member.userId, member.role]);
  await publish(manager, group, { changedRoles: [member] }, changedBy);
}

async function publish(
  manager: EntityManager,
  { id }: Group,
  { added = [], changedRoles = [] }: { added?: GroupMember[]; changedRoles?: GroupMember[] },
  changedBy: string,
): Promise<void> {
  const [addedJson, rolesJson] = [JSON.stringify(added), JSON.stringify(changedRoles)];
  await manager.query(`select publish_members_changed($1, $2, '{}', $3, $4, $5, $6, $7)`, [
    id,
    addedJson,
    rolesJson,
    changedBy,
    ...eventIds(),
  ]);
}

/** The last parameters of the functions that write an event. */
function eventIds(): [string, string | null, string | null] {
  const { correlationId = null, traceparent = null } = currentContext() ?? {};
  return [newId(), correlationId, traceparent];
}
