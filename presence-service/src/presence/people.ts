import type { PresenceStatus } from '@chat/shared/contracts';
import { findDeletedUsers, recordDeletedUser } from '@chat/shared/consumer';
import { In, type EntityManager } from 'typeorm';
import { PersonEntity } from './person.entity.js';

/** A person's row after a look. */
export type SeenPerson = Pick<PersonEntity, 'userId' | 'present' | 'leftAt' | 'lastSeenAt' | 'announcedStatus' | 'announcedIsPublic'>;

/**
 * The rows of these people, locked in one order so that two looks never wait for each other; made where missing. Nobody who deleted the
 * account is among them, nor gets a row by any of the functions here.
 */
export async function lockPeople(manager: EntityManager, userIds: string[]): Promise<PersonEntity[]> {
  const lock = () =>
    manager.find(PersonEntity, { where: { userId: In(userIds) }, order: { userId: 'ASC' }, lock: { mode: 'pessimistic_write' } });
  const found = await lock();
  if (found.length === userIds.length) return found;
  // The missing only: to ask whether somebody deleted the account comes before their row is locked, everywhere.
  const here = new Set(found.map(({ userId }) => userId));
  await addPeople(
    manager,
    userIds.filter((userId) => !here.has(userId)),
  );
  return lock();
}

export async function addPeople(manager: EntityManager, userIds: string[]): Promise<void> {
  const gone = await findDeletedUsers(manager, userIds);
  const people = [...userIds]
    .filter((userId) => !gone.has(userId))
    .sort()
    .map((userId) => ({ userId }));
  if (people.length === 0) return;
  await manager.createQueryBuilder().insert().into(PersonEntity).values(people).orIgnore().execute();
}

/** Leaves the row locked. */
export async function chooseStatus(manager: EntityManager, userId: string, status: PresenceStatus): Promise<void> {
  if ((await findDeletedUsers(manager, [userId])).size > 0) return;
  await manager.query(
    `insert into people (user_id, chosen_status) values ($1, $2)
     on conflict (user_id) do update set chosen_status = excluded.chosen_status`,
    [userId, status],
  );
}

/** Leaves the row locked. True when the others have to be told. */
export async function chooseIsPublic(manager: EntityManager, userId: string, isPublic: boolean): Promise<boolean> {
  if ((await findDeletedUsers(manager, [userId])).size > 0) return false;
  const [row] = await manager.query<{ isNews: boolean }[]>(
    `insert into people (user_id, is_public) values ($1, $2)
     on conflict (user_id) do update set is_public = excluded.is_public
     returning is_public <> announced_is_public as "isNews"`,
    [userId, isPublic],
  );
  return row!.isNews;
}

export async function saveLooks(manager: EntityManager, changed: SeenPerson[]): Promise<void> {
  if (changed.length === 0) return;
  await manager.query(
    `update people p set present = c.present, left_at = c.left_at, last_seen_at = c.last_seen_at,
       announced_status = c.announced_status, announced_is_public = c.announced_is_public
     from unnest($1::uuid[], $2::boolean[], $3::timestamptz[], $4::timestamptz[], $5::text[], $6::boolean[])
       as c(user_id, present, left_at, last_seen_at, announced_status, announced_is_public)
     where p.user_id = c.user_id`,
    [
      changed.map((person) => person.userId),
      changed.map((person) => person.present),
      changed.map((person) => person.leftAt),
      changed.map((person) => person.lastSeenAt),
      changed.map((person) => person.announcedStatus),
      changed.map((person) => person.announcedIsPublic),
    ],
  );
}

/** Clears a person who deleted the account. True when the others were told of a presence that they must not see any more. */
export async function forgetPerson(manager: EntityManager, userId: string, deletedAt: string): Promise<boolean> {
  await recordDeletedUser(manager, userId, deletedAt);
  const [person] = await manager.find(PersonEntity, { where: { userId }, lock: { mode: 'pessimistic_write' } });
  await manager.delete(PersonEntity, { userId });
  return person !== undefined && person.announcedStatus !== 'OFFLINE';
}
