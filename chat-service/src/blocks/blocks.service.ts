import type { AuthenticatedUser } from '@chat/shared/auth';
import { newId } from '@chat/shared/database';
import { AppError } from '@chat/shared/errors';
import { currentContext } from '@chat/shared/observability';
import { OutboxRelay } from '@chat/shared/outbox';
import { Injectable } from '@nestjs/common';
import { retryWhileLocked } from '../database/locks.js';
import { ReadQueries, type Statement } from '../database/queries.js';
import { userDeleted, userNotFound } from '../users/users.errors.js';
import { UsersService } from '../users/users.service.js';
import { blockingOneself, tooManyBlocks } from './blocks.errors.js';

export const MAX_BLOCKS = 10_000;

/** Neither of two users may send direct messages to the other, or add the other to a group, while one of them has blocked the other. */
@Injectable()
export class BlocksService {
  constructor(
    private readonly queries: ReadQueries,
    private readonly users: UsersService,
    private readonly relay: OutboxRelay,
  ) {}

  /** The users that the current user has blocked, the last one first. */
  async getBlockedUsers({ userId }: AuthenticatedUser): Promise<string[]> {
    return (await this.queries.rows<{ blocked_id: string }>(FIND_BLOCKED, [userId])).map(({ blocked_id }) => blocked_id);
  }

  /** Blocking a user again has no effect. */
  async blockUser(user: AuthenticatedUser, otherId: string): Promise<void> {
    if (otherId === user.userId) throw blockingOneself();
    try {
      await this.users.requireUser(otherId, user);
    } catch (error) {
      throw error instanceof AppError && error.code === userDeleted().code ? userNotFound() : error;
    }
    await this.#change(user, otherId, true);
  }

  /** Unblocking a user that is not blocked has no effect. */
  async unblockUser(user: AuthenticatedUser, otherId: string): Promise<void> {
    if (otherId === user.userId) throw blockingOneself();
    await this.#change(user, otherId, false);
  }

  /** Whether the current user has blocked one of the others, or one of them the current user. */
  async isBlockedFor(userId: string, otherIds: string[]): Promise<boolean> {
    return (await this.queries.row(FIND_BLOCK, [userId, otherIds])) !== undefined;
  }

  async #change({ userId }: AuthenticatedUser, otherId: string, isBlocked: boolean): Promise<void> {
    const { correlationId = null, traceparent = null } = currentContext() ?? {};
    const values = [userId, otherId, isBlocked, MAX_BLOCKS, newId(), correlationId, traceparent];
    const row = await retryWhileLocked(() => this.queries.row<{ outcome: string }>(CHANGE_BLOCK, values));
    const { outcome } = row!;
    if (outcome === 'too-many') throw tooManyBlocks(MAX_BLOCKS);
    if (outcome === 'deleted' && isBlocked) throw userNotFound();
    if (outcome === 'changed') this.relay.wake();
  }
}

const FIND_BLOCKED: Statement = {
  name: 'find_blocked_users',
  text: 'select blocked_id from blocks where blocker_id = $1 order by created_at desc, blocked_id',
};

const FIND_BLOCK: Statement = {
  name: 'find_block',
  text: `
    select 1 from blocks where blocker_id = $1 and blocked_id = any ($2::uuid[])
    union all
    select 1 from blocks where blocked_id = $1 and blocker_id = any ($2::uuid[]) limit 1`,
};

/** sql/change_block.sql */
const CHANGE_BLOCK: Statement = { name: 'change_block', text: 'select change_block($1, $2, $3, $4, $5, $6, $7) as outcome' };
