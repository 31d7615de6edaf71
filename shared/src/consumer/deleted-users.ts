import { rowsOf } from './consumer-positions.js';
import type { SqlRunner } from './received-event.js';

/*
 * Who deleted their account: each service that keeps something of people remembers these ids, and only the ids, for ever. Topics have no
 * order between them, and a record may come again: without it a late UserRegistered, ProfileUpdated or message would bring back a part
 * of somebody who is gone.
 *
 * Whoever stores something of a person asks `findDeletedUsers` first, in the same transaction; whoever clears a person calls
 * `recordDeletedUser` first. The two take turns by a lock per person, held until the transaction ends: either the writer learns that the
 * person is gone, or what it wrote is there to be cleared.
 */

/** The table and its functions, for a service's migration. */
export async function createDeletedUsersTable(runner: SqlRunner): Promise<void> {
  await runner.query('create table deleted_users (user_id uuid primary key, deleted_at timestamptz not null)');
  // The lock and the look are two statements: the second sees everything that was committed before the lock was granted.
  await runner.query(`
    create function deleted_among(p_user_ids uuid[]) returns setof uuid language plpgsql as $$
    begin
      perform pg_advisory_xact_lock_shared(hashtextextended(current_schema() || id, 0))
        from (select distinct u::text as id from unnest(p_user_ids) u order by 1) people;
      return query select d.user_id from deleted_users d where d.user_id = any (p_user_ids);
    end $$`);
  await runner.query(`
    create function remember_deleted(p_user_id uuid, p_deleted_at timestamptz) returns boolean language plpgsql as $$
    begin
      perform pg_advisory_xact_lock(hashtextextended(current_schema() || p_user_id::text, 0));
      insert into deleted_users (user_id, deleted_at) values (p_user_id, p_deleted_at) on conflict do nothing;
      return found;
    end $$`);
}

export async function dropDeletedUsersTable(runner: SqlRunner): Promise<void> {
  await runner.query('drop function remember_deleted, deleted_among');
  await runner.query('drop table deleted_users');
}

/** False when it was known before. */
export async function recordDeletedUser(runner: SqlRunner, userId: string, deletedAt: string): Promise<boolean> {
  const result = await runner.query('select remember_deleted($1, $2) as "isNew"', [userId, deletedAt]);
  return rowsOf<{ isNew: boolean }>(result)[0]!.isNew;
}

/** Those of the people who deleted their account. Call it before anything of them is stored, in the same transaction. */
export async function findDeletedUsers(runner: SqlRunner, userIds: string[]): Promise<Set<string>> {
  if (userIds.length === 0) return new Set();
  const result = await runner.query('select deleted_among as "userId" from deleted_among($1)', [userIds]);
  return new Set(rowsOf<{ userId: string }>(result).map(({ userId }) => userId));
}
