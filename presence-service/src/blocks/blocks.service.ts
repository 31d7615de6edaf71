import { findDeletedUsers } from '@chat/shared/consumer';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { BlockEntity } from './block.entity.js';

/** Users of which one has blocked the other do not see each other's presence. */
@Injectable()
export class BlocksService {
  constructor(private readonly dataSource: DataSource) {}

  /** Repeating it changes nothing. */
  async add(manager: EntityManager, userId: string, blockedUserId: string): Promise<void> {
    if ((await findDeletedUsers(manager, [userId, blockedUserId])).size > 0) return;
    await manager.createQueryBuilder().insert().into(BlockEntity).values({ userId, blockedUserId }).orIgnore().execute();
  }

  async remove(manager: EntityManager, userId: string, blockedUserId: string): Promise<void> {
    await manager.delete(BlockEntity, { userId, blockedUserId });
  }

  /** Deletes all blocks of a user that deleted the account, of both directions. */
  async delete(manager: EntityManager, userId: string): Promise<void> {
    await manager.delete(BlockEntity, [{ userId }, { blockedUserId: userId }]);
  }

  /** Those of the others that have blocked the user, or that the user has blocked. By the primary key and the index blocks_of_blocked. */
  async findBlocked(userId: string, otherIds: string[]): Promise<Set<string>> {
    if (otherIds.length === 0) return new Set();
    const rows = await this.dataSource.query<{ userId: string }[]>(
      `select blocked_user_id as "userId" from blocks where user_id = $1 and blocked_user_id = any($2::uuid[])
       union select user_id from blocks where blocked_user_id = $1 and user_id = any($2::uuid[])`,
      [userId, otherIds],
    );
    return new Set(rows.map((row) => row.userId));
  }

  /** Those of the users that have blocked another one, or that another one has blocked. */
  async findWithBlocks(manager: EntityManager, userIds: string[]): Promise<Set<string>> {
    const rows = await manager.query<{ userId: string }[]>(
      `select id as "userId" from unnest($1::uuid[]) id
       where exists (select 1 from blocks b where b.user_id = id) or exists (select 1 from blocks b where b.blocked_user_id = id)`,
      [userIds],
    );
    return new Set(rows.map((row) => row.userId));
  }
}
