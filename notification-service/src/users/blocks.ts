import { findDeletedUsers, type ReceivedEvent } from '@chat/shared/consumer';
import type { EntityManager } from 'typeorm';

/** Pairs of users of which one has blocked the other: neither gets a notification that the other one caused. */
export class Blocks {
  readonly #pairs: Set<string>;

  constructor(pairs: Iterable<readonly [userId: string, blockedUserId: string]> = []) {
    this.#pairs = new Set([...pairs].map(([userId, blockedUserId]) => userId + blockedUserId));
  }

  /** Whether one of the two has blocked the other. */
  has(userId: string, otherId: string): boolean {
    return this.#pairs.has(userId + otherId) || this.#pairs.has(otherId + userId);
  }
}

/** Stores what the records say about blocks, in their order. Those of deleted users are left out. */
export async function storeBlocks(manager: EntityManager, records: ReceivedEvent[]): Promise<void> {
  for (const { type, payload } of records) {
    if (type === 'UserBlocked') await addBlock(manager, payload.userId, payload.blockedUserId);
    if (type === 'UserUnblocked')
      await manager.query('delete from blocks where user_id = $1 and blocked_user_id = $2', [payload.userId, payload.unblockedUserId]);
  }
}

async function addBlock(manager: EntityManager, userId: string, blockedUserId: string): Promise<void> {
  if ((await findDeletedUsers(manager, [userId, blockedUserId])).size > 0) return;
  await manager.query('insert into blocks (user_id, blocked_user_id) values ($1, $2) on conflict do nothing', [userId, blockedUserId]);
}
