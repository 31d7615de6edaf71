import { findDeletedUsers } from '@chat/shared/consumer';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { BlockEntity } from './block.entity.js';

/** Users of which one has blocked the other do not find each other. */
@Injectable()
export class BlocksService {
  /** Repeating it changes nothing. */
  async add(manager: EntityManager, userId: string, blockedUserId: string): Promise<void> {
    if ((await findDeletedUsers(manager, [userId, blockedUserId])).size > 0) return;
    await manager.createQueryBuilder().insert().into(BlockEntity).values({ userId, blockedUserId }).orIgnore().execute();
  }

  async remove(manager: EntityManager, userId: string, blockedUserId: string): Promise<void> {
    await manager.delete(BlockEntity, { userId, blockedUserId });
  }

  /** Deletes all blocks of a user that deleted the account, of both directions. */
  async deleteUser(manager: EntityManager, userId: string): Promise<void> {
    await manager.delete(BlockEntity, [{ userId }, { blockedUserId: userId }]);
  }
}
