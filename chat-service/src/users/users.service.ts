import { InternalTokens, type RepresentedUser } from '@chat/shared/auth';
import { recordDeletedUser } from '@chat/shared/consumer';
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
    if ((await this.findKnown(this.queries, [userId])).has(userId)) return;
    if (await this.queries.row(FIND_DELETED_USER, [userId])) throw userDeleted();
    const { registeredAt } = await this.#requestAccount(userId, currentUser);
    await retryWhileLocked(() => this.queries.rows(ADD_USER, [userId, registeredAt]));
  }

  /** Those of the users that this service has from UserRegistered; it may be behind. */
  async findKnown(queries: PreparedQueries, userIds: string[]): Promise<Set<string>> {
    const rows = await queries.rows<{ user_id: string }>(FIND_USERS, [userIds]);
    return new Set(rows.map((row) => row.user_id));
  }

  /** Repeating it has no effect, and a user that deleted the account is not added again. */
  async addUser(manager: EntityManager, userId: string, registeredAt: string): Promise<void> {
    await manager.query(ADD_USER.text, [userId, registeredAt]);
  }

  /**
   * Records that a user deleted the account; MessageDeletionWorker deletes the data afterwards. From the commit on, the user cannot receive
   * messages, and reads show the messages of the user as tombstones.
   */
  async recordDeletion(manager: EntityManager, userId: string, deletedAt: string): Promise<void> {
    await recordDeletedUser(manager, userId, deletedAt);
    await manager.query('insert into user_deletions (user_id, deleted_at) values ($1, $2) on conflict do nothing', [userId, deletedAt]);
    await manager.query('delete from users where user_id = $1', [userId]);
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

const FIND_DELETED_USER: Statement = { name: 'find_deleted_user', text: 'select 1 from deleted_users where user_id = $1' };

/** Under the lock of the user, as `findDeletedUsers` takes it. */
const ADD_USER: Statement = {
  name: 'add_user',
  text: `
    insert into users (user_id, registered_at)
      select $1::uuid, $2::timestamptz where not exists (select 1 from deleted_among(array[$1::uuid]))
      on conflict do nothing`,
};
