import type { PresenceStatus } from '@chat/shared/contracts';
import { findDeletedUsers, recordDeletedUser } from '@chat/shared/consumer';
import { columnsOf } from '@chat/shared/database';
import { In, type EntityManager } from 'typeorm';
import { UserEntity } from './user.entity.js';

/** The part of a row that an evaluation writes. */
export type EvaluatedUser = Pick<UserEntity, 'userId' | 'present' | 'leftAt' | 'lastSeenAt' | 'publishedStatus' | 'publishedIsPublic'>;

/**
 * The rows of these users, created if missing, and locked in order of id, so that two evaluations never wait for each other. Deleted users
 * are left out, here and in all functions of this file: none of them creates a row for one.
 */
export async function lockUsers(manager: EntityManager, userIds: string[]): Promise<UserEntity[]> {
  const lock = () =>
    manager.find(UserEntity, { where: { userId: In(userIds) }, order: { userId: 'ASC' }, lock: { mode: 'pessimistic_write' } });
  const found = await lock();
  if (found.length === userIds.length) return found;
  // Only the missing ones: the lock of findDeletedUsers comes before the lock of the row, everywhere.
  const foundIds = new Set(found.map(({ userId }) => userId));
  await addUsers(
    manager,
    userIds.filter((userId) => !foundIds.has(userId)),
  );
  return lock();
}

export async function addUsers(manager: EntityManager, userIds: string[]): Promise<void> {
  const deletedUsers = await findDeletedUsers(manager, userIds);
  const users = [...userIds]
    .filter((userId) => !deletedUsers.has(userId))
    .sort()
    .map((userId) => ({ userId }));
  if (users.length === 0) return;
  await manager.createQueryBuilder().insert().into(UserEntity).values(users).orIgnore().execute();
}

/** Leaves the row locked. */
export async function setChosenStatus(manager: EntityManager, userId: string, chosenStatus: PresenceStatus): Promise<void> {
  if ((await findDeletedUsers(manager, [userId])).size > 0) return;
  await manager.upsert(UserEntity, { userId, chosenStatus }, ['userId']);
}

/** Leaves the row locked. True when the change has to be published. */
export async function setIsPublic(manager: EntityManager, userId: string, isPublic: boolean): Promise<boolean> {
  if ((await findDeletedUsers(manager, [userId])).size > 0) return false;
  const { raw } = await manager
    .createQueryBuilder()
    .insert()
    .into(UserEntity)
    .values({ userId, isPublic })
    .orUpdate(['is_public'], ['user_id'])
    .returning('published_is_public')
    .execute();
  return (raw as { published_is_public: boolean }[])[0]!.published_is_public !== isPublic;
}

/** Has the next evaluation publish these users, whatever was published before. Lock their rows before. */
export async function requirePublishing(manager: EntityManager, userIds: string[], withBlocks: Set<string>): Promise<void> {
  await manager.query(
    'update users set published_is_public = not (is_public and not user_id = any($2::uuid[])) where user_id = any($1::uuid[])',
    [userIds, [...withBlocks]],
  );
}

/** Updates all rows in one statement. */
export async function saveEvaluations(manager: EntityManager, changed: EvaluatedUser[]): Promise<void> {
  if (changed.length === 0) return;
  await manager.query(
    `update users u set present = c.present, left_at = c.left_at, last_seen_at = c.last_seen_at,
       published_status = c.published_status, published_is_public = c.published_is_public
     from unnest($1::uuid[], $2::boolean[], $3::timestamptz[], $4::timestamptz[], $5::text[], $6::boolean[])
       as c(user_id, present, left_at, last_seen_at, published_status, published_is_public)
     where u.user_id = c.user_id`,
    columnsOf(changed, ['userId', 'present', 'leftAt', 'lastSeenAt', 'publishedStatus', 'publishedIsPublic']),
  );
}

/** A page of the users that must be in the check queue, in order of id. Needs the partial index users_to_check. */
export async function findUsersToCheck(manager: EntityManager, afterUserId: string, limit: number): Promise<string[]> {
  const rows = await manager.query<{ userId: string }[]>(
    `select user_id as "userId" from users
     where (present or published_status <> 'OFFLINE' or published_is_public <> is_public) and user_id > $1
     order by user_id limit $2`,
    [afterUserId, limit],
  );
  return rows.map(({ userId }) => userId);
}

/** Deletes the row of a user that deleted the account. True if a presence was published that other users must not see any more. */
export async function deleteUser(manager: EntityManager, userId: string, deletedAt: string): Promise<boolean> {
  await recordDeletedUser(manager, userId, deletedAt);
  const [user] = await manager.find(UserEntity, { where: { userId }, lock: { mode: 'pessimistic_write' } });
  await manager.delete(UserEntity, { userId });
  return user !== undefined && user.publishedStatus !== 'OFFLINE';
}
