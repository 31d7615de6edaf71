import { newId } from '@chat/shared/database';
import { currentContext } from '@chat/shared/observability';
import { OutboxRelay } from '@chat/shared/outbox';
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { retryWhileLocked } from '../database/locks.js';
import { type PreparedQueries, ReadQueries, type Statement } from '../database/queries.js';

/**
 * The conversation of each two users, as far as this process knows it. Two users never get another one, so an entry is outdated only after the
 * database was restored to an earlier time. Code that does not find a known conversation deletes the entry and reads again.
 */
@Injectable()
export class DirectConversations {
  readonly #ids = new LRUCache<string, string>({ max: 50_000 });

  constructor(
    private readonly queries: ReadQueries,
    private readonly relay: OutboxRelay,
  ) {}

  /** Null when there is none, or when this process does not know it. */
  known(userId: string, otherId: string): string | null {
    return this.#ids.get(pairKey(userId, otherId)) ?? null;
  }

  remember(userId: string, otherId: string, conversationId: string): void {
    this.#ids.set(pairKey(userId, otherId), conversationId);
  }

  delete(userId: string, otherId: string): void {
    this.#ids.delete(pairKey(userId, otherId));
  }

  /** The one that exists, or null. */
  async find(userId: string, otherId: string): Promise<string | null> {
    if (this.known(userId, otherId) === null) await this.lookUp(this.queries, [[userId, otherId]]);
    return this.known(userId, otherId);
  }

  /** The one that exists, or a new one; null when there is none and one of the two deleted the account. Wake the relay afterwards. */
  async open(userId: string, otherId: string): Promise<string | null> {
    const { correlationId = null, traceparent = null } = currentContext() ?? {};
    const values = [userId, otherId, newId(), newId(), correlationId, traceparent];
    // See MembershipBackfill.
    const open = () => this.queries.row<{ id: string | null }>(OPEN_DIRECT, [...values, this.relay.isActive]);
    const row = await retryWhileLocked(open);
    return row?.id ?? null;
  }

  /** Looks up the conversations of these pairs in one query; they are known afterwards, if they exist. */
  async lookUp(queries: PreparedQueries, pairs: (readonly [userId: string, otherId: string])[]): Promise<void> {
    const [users, others] = [pairs.map(([userId]) => userId), pairs.map(([, otherId]) => otherId)];
    const rows = await queries.rows<{ id: string; low: string; high: string }>(FIND_DIRECT, [users, others]);
    for (const { id, low, high } of rows) this.remember(low, high, id);
  }
}

/** The same for both directions. */
function pairKey(userId: string, otherId: string): string {
  return userId < otherId ? userId + otherId : otherId + userId;
}

/** By the index of the constraint conversations_direct_pair. */
const FIND_DIRECT: Statement = {
  name: 'find_direct_conversations',
  text: `
    select c.id, c.direct_low as low, c.direct_high as high
      from (select distinct least(one, other) as low, greatest(one, other) as high from unnest($1::uuid[], $2::uuid[]) as pair (one, other)) p
      join conversations c on c.direct_low = p.low and c.direct_high = p.high`,
};

/** sql/find_or_create_direct_conversation.sql */
const OPEN_DIRECT: Statement = {
  name: 'find_or_create_direct_conversation',
  text: `select find_or_create_direct_conversation($1, $2, $3, $4, $5, $6, $7) as id`,
};
