import { InternalTokens, type RepresentedUser } from '@chat/shared/auth';
import { findDeletedUsers, recordDeletedUser } from '@chat/shared/consumer';
import type { AccountSummary } from '@chat/shared/contracts';
import { AppError } from '@chat/shared/errors';
import { ServiceClient } from '@chat/shared/http';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { retryWhileLocked } from '../database/locks.js';
import { type PreparedQueries, ReadQueries, type Statement } from '../database/queries.js';
import { userDeleted, userNotFound } from './users.errors.js';

/** For users whose UserRegistered was not consumed yet. */
export class AuthServiceClient extends ServiceClient {}

/** To auth-service, at a time. */
const MAX_REQUESTS = 8;

@Injectable()
export class UsersService {
  constructor(
    private readonly queries: ReadQueries,
    private readonly authService: AuthServiceClient,
    private readonly tokens: InternalTokens,
  ) {}

  /**
   * Throws NOT_FOUND if there is no such user, and FORBIDDEN if the user deleted the account. A user that this service does not know yet is
   * requested from auth-service, on behalf of the current user.
   */
  async requireUser(userId: string, currentUser: RepresentedUser): Promise<void> {
    await this.requireUsers([userId], currentUser);
  }

  /** `requireUser` for several users. It stores nothing if it throws for one of them. */
  async requireUsers(userIds: string[], currentUser: RepresentedUser): Promise<void> {
    const known = await this.findKnown(this.queries, userIds);
    const unknown = userIds.filter((id) => !known.has(id));
    if (unknown.length === 0) return;
    if (await this.queries.row(FIND_DELETED_USER, [unknown])) throw userDeleted();
    const accounts: AccountSummary[] = [];
    for (let i = 0; i < unknown.length; i += MAX_REQUESTS)
      accounts.push(...(await Promise.all(unknown.slice(i, i + MAX_REQUESTS).map((id) => this.#requestAccount(id, currentUser)))));
    const times = accounts.map(({ registeredAt }) => registeredAt);
    await retryWhileLocked(() => this.queries.rows(ADD_USERS, [unknown, times]));
  }

  /** Whether one of the users deleted the account. Call it before anything of them is stored, in the same transaction. */
  async isAnyDeleted(manager: EntityManager, userIds: string[]): Promise<boolean> {
    return (await findDeletedUsers(manager, userIds)).size > 0;
  }

  /** Those of the users that this service has from UserRegistered; it may be behind. */
  async findKnown(queries: PreparedQueries, userIds: string[]): Promise<Set<string>> {
    const rows = await queries.rows<{ user_id: string }>(FIND_USERS, [userIds]);
    return new Set(rows.map((row) => row.user_id));
  }

  /** Repeating it has no effect, and a user that deleted the account is not added again. */
  async addUser(manager: EntityManager, userId: string, registeredAt: string): Promise<void> {
    await manager.query(ADD_USERS.text, [[userId], [registeredAt]]);
  }

  /**
   * Records that a user deleted the account; MessageDeletionWorker deletes the data afterwards. From the commit on, the user cannot receive
   * messages, and reads show the messages of the user as tombstones.
   */
  async recordDeletion(manager: EntityManager, userId: string, deletedAt: string): Promise<void> {
    await recordDeletedUser(manager, userId, deletedAt);
    await manager.query('insert into user_deletions (user_id, deleted_at) values ($1, $2) on conflict do nothing', [userId, deletedAt]);
    await manager.query('delete from users where user_id = $1', [userId]);
    await manager.query('delete from blocks where blocker_id = $1 or blocked_id = $1', [userId]);
  }

  async #requestAccount(userId: string, currentUser: RepresentedUser): Promise<AccountSummary> {
    const token = this.tokens.issue('auth-service', currentUser);
    try {
      return await this.authService.request<AccountSummary>({ method: 'GET', path: `/auth/users/${userId}`, token });
    } catch (error) {
      throw error instanceof AppError && error.kind === 'not-found' ? userNotFound() : error;
    }
  }
}

const FIND_USERS: Statement = { name: 'find_users', text: 'select user_id from users where user_id = any ($1::uuid[])' };

const FIND_DELETED_USER: Statement = {
  name: 'find_deleted_user',
  text: 'select 1 from deleted_users where user_id = any ($1::uuid[]) limit 1',
};

/** Under the locks of the users, as `findDeletedUsers` takes them. */
const ADD_USERS: Statement = {
  name: 'add_users',
  text: `
    with deleted as materialized (select d.user_id from deleted_among($1::uuid[]) d (user_id))
    insert into users (user_id, registered_at)
      select r.* from unnest($1::uuid[], $2::timestamptz[]) r (user_id, registered_at)
        where r.user_id not in (select d.user_id from deleted d)
      on conflict do nothing`,
};
