import { columnsOf } from '@chat/shared/database';
import { findDeletedUsers, type ReceivedEvent } from '@chat/shared/consumer';
import type { EntityManager } from 'typeorm';

/** The names of a user, from auth.user and profile.profile. */
export interface UserNames {
  userId: string;
  username: string;
  firstName: string | null;
  lastName: string | null;
}

interface DatedNames extends UserNames {
  /** The time from which the names are valid. */
  namedAt: string;
}

/** The name of a user in a title: the full name if there is one, otherwise the user name. */
export function displayName({ username, firstName, lastName }: { [K in 'username' | 'firstName' | 'lastName']?: string | null }): string {
  const fullName = [firstName, lastName].filter((name) => name?.trim()).join(' ');
  return fullName || username || 'New message';
}

/** Stores the newest names that the records contain; older ones, and those of deleted users, are ignored. */
export async function storeNames(manager: EntityManager, records: ReceivedEvent[]): Promise<void> {
  const received = newestNames(records);
  if (received.length === 0) return;
  const deletedUsers = await findDeletedUsers(
    manager,
    received.map(({ userId }) => userId),
  );
  await manager.query(
    `insert into users (user_id, username, first_name, last_name, named_at)
     select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::timestamptz[])
     on conflict (user_id) do update set username = excluded.username, first_name = excluded.first_name,
       last_name = excluded.last_name, named_at = excluded.named_at
     where users.named_at <= excluded.named_at`,
    columnsOf(
      received.filter(({ userId }) => !deletedUsers.has(userId)),
      ['userId', 'username', 'firstName', 'lastName', 'namedAt'],
    ),
  );
}

/** One entry per user, in order of user id. The two topics have no order between them, so the time decides. */
function newestNames(records: ReceivedEvent[]): DatedNames[] {
  const newest = new Map<string, DatedNames>();
  for (const record of records) {
    if (record.type !== 'UserRegistered' && record.type !== 'ProfileUpdated') continue;
    const { userId, username, firstName, lastName } = record.payload;
    const namedAt = record.type === 'UserRegistered' ? record.payload.registeredAt : record.payload.updatedAt;
    const known = newest.get(userId);
    if (!known || Date.parse(namedAt) >= Date.parse(known.namedAt)) newest.set(userId, { userId, username, firstName, lastName, namedAt });
  }
  return [...newest.values()].sort((a, b) => (a.userId < b.userId ? -1 : 1));
}
