import { rowsOf, type SqlRunner } from '../database/index.js';

/*
 * The users that have deleted their account. Each service that stores something of users keeps these ids, and only the ids, for ever: topics
 * have no order between them, and a record may be delivered again, so a late UserRegistered, ProfileUpdated or message would store a part of
 * a deleted user again.
 *
 * Code that stores something of users calls `findDeletedUsers` first, in the same transaction; code that deletes the data of a user calls
 * `recordDeletedUser` first. A lock for each user, held until the transaction ends, excludes one from the other: either the writer learns
 * that the user is deleted, or what it wrote is there to be deleted.
 */

/** Creates the table `deleted_users` and its functions; call it in a migration of the service. */
export async function createDeletedUsersTable(runner: SqlRunner): Promise<void> {
  await runner.query('create table deleted_users (user_id uuid primary key, deleted_at timestamptz not null)');
  // Locking and reading are two statements: the second sees everything that was committed before the lock was granted.
  await runner.query(`
    create function deleted_among(p_user_ids uuid[]) returns setof uuid language plpgsql as $$
    begin
      perform pg_advisory_xact_lock_shared(hashtextextended(current_schema() || id, 0))
        from (select distinct u::text as id from unnest(p_user_ids) u order by 1) users;
      return query select d.user_id from deleted_users d where d.user_id = any (p_user_ids);
    end $$`);
  await runner.query(`
    create function record_deleted_user(p_user_id uuid, p_deleted_at timestamptz) returns boolean language plpgsql as $$
    begin
      perform pg_advisory_xact_lock(hashtextextended(current_schema() || p_user_id::text, 0));
      insert into deleted_users (user_id, deleted_at) values (p_user_id, p_deleted_at) on conflict do nothing;
      return found;
    end $$`);
}

/**
 * Replaces `deleted_among`, in a migration after the one that created the table: for more than 32 users it takes one lock of the whole table,
 * with the same effect. A lock for each of the 1,000 members of a group would, for a few groups at a time, take all locks that PostgreSQL has.
 */
export async function limitDeletedUserLocks(runner: SqlRunner): Promise<void> {
  await runner.query(`
    create or replace function deleted_among(p_user_ids uuid[]) returns setof uuid language plpgsql as $$
    begin
      if cardinality(p_user_ids) > 32 then
        lock table deleted_users in share mode;
      else
        perform pg_advisory_xact_lock_shared(hashtextextended(current_schema() || id, 0))
          from (select distinct u::text as id from unnest(p_user_ids) u order by 1) users;
      end if;
      return query select d.user_id from deleted_users d where d.user_id = any (p_user_ids);
    end $$`);
}

/** Drops what `createDeletedUsersTable` has created. */
export async function dropDeletedUsersTable(runner: SqlRunner): Promise<void> {
  await runner.query('drop function record_deleted_user, deleted_among');
  await runner.query('drop table deleted_users');
}

/** Stores that a user is deleted; false when it was stored before. `deletedAt` is RFC 3339. */
export async function recordDeletedUser(runner: SqlRunner, userId: string, deletedAt: string): Promise<boolean> {
  const result = await runner.query('select record_deleted_user($1, $2) as "isNew"', [userId, deletedAt]);
  return rowsOf<{ isNew: boolean }>(result)[0]!.isNew;
}

/**
 * Those of the users that are deleted, for an answer that stores nothing of them: it takes no locks, of which a list of many users would
 * need one each, and waits for no deletion.
 */
export async function listDeletedUsers(runner: SqlRunner, userIds: string[]): Promise<Set<string>> {
  if (userIds.length === 0) return new Set();
  const result = await runner.query('select user_id as "userId" from deleted_users where user_id = any($1::uuid[])', [userIds]);
  return new Set(rowsOf<{ userId: string }>(result).map(({ userId }) => userId));
}

/** Those of the users that are deleted. Call it before anything of them is stored, in the same transaction. */
export async function findDeletedUsers(runner: SqlRunner, userIds: string[]): Promise<Set<string>> {
  if (userIds.length === 0) return new Set();
  const result = await runner.query('select deleted_among as "userId" from deleted_among($1)', [userIds]);
  return new Set(rowsOf<{ userId: string }>(result).map(({ userId }) => userId));
}
