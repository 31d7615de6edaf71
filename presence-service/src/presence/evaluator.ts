import { Inject, Injectable } from '@nestjs/common';
import type { Presence } from '@chat/shared/contracts';
import { channels, publishOnPrimary } from '@chat/shared/realtime';
import type { Redis } from 'ioredis';
import { DataSource } from 'typeorm';
import { BlocksService } from '../blocks/blocks.service.js';
import { PresenceServiceConfig } from '../config.js';
import type { NextChecks } from './check-queue.js';
import { evaluatePresence, hiddenPresence, visiblePresence, type Evaluation } from './evaluate.js';
import { Leases } from './leases.js';
import { REDIS } from './redis.token.js';
import type { UserEntity } from './user.entity.js';
import { lockUsers, saveEvaluations, type EvaluatedUser } from './users.js';

interface PresenceChange {
  presence: Presence;
  /** False: gateways load it for each user that watches. */
  isPublic: boolean;
}

/** Evaluates the presence of users, stores the result, and publishes what changed. */
@Injectable()
export class PresenceEvaluator {
  constructor(
    private readonly dataSource: DataSource,
    private readonly blocks: BlocksService,
    private readonly leases: Leases,
    @Inject(REDIS) private readonly redis: Redis,
    private readonly config: PresenceServiceConfig,
  ) {}

  /**
   * One transaction with the rows locked: another instance that evaluates the same user waits, and then finds the change published. Leases
   * are read after the lock, so a later evaluation never decides by an earlier reading. Changes are published before the commit: if either
   * fails, the users stay due, and the next evaluation publishes the same once more rather than not at all.
   */
  async evaluate(userIds: string[]): Promise<NextChecks> {
    const nextChecks: NextChecks = new Map();
    await this.dataSource.transaction(async (manager) => {
      const users = await lockUsers(manager, userIds);
      await this.removeDeleted(userIds, users, nextChecks);
      const withBlocks = await this.blocks.findWithBlocks(
        manager,
        users.map((user) => user.userId),
      );
      const leaseEnds = await this.leases.lastEnds(users.map((user) => user.userId));
      const nowMs = Date.now();
      const changes: PresenceChange[] = [];
      const evaluated: EvaluatedUser[] = [];
      users.forEach((user, index) => {
        const { userId } = user;
        const isPublic = user.isPublic && !withBlocks.has(userId);
        const evaluation = evaluatePresence(user, leaseEnds[index]!, nowMs, this.config.graceMs);
        nextChecks.set(userId, evaluation.nextCheckMs);
        const presence = visiblePresence(userId, user.chosenStatus, evaluation);
        const isChange = presence.status !== user.publishedStatus || isPublic !== user.publishedIsPublic;
        if (isChange) changes.push({ presence, isPublic });
        if (isChange || differs(user, evaluation))
          evaluated.push({ ...evaluation, userId, publishedStatus: presence.status, publishedIsPublic: isPublic });
      });
      await saveEvaluations(manager, evaluated);
      await this.publish(changes);
    });
    return nextChecks;
  }

  /** The last change of a deleted user. Call it in the transaction that deletes the rows: changes are published before the commit. */
  async publishDeleted(userId: string): Promise<void> {
    await this.publish([{ presence: hiddenPresence(userId), isPublic: true }]);
  }

  /** A deleted user has no row: the lease of a socket that is still open is no presence, and no further check is needed. */
  private async removeDeleted(userIds: string[], users: UserEntity[], nextChecks: NextChecks): Promise<void> {
    const existing = new Set(users.map((user) => user.userId));
    const deleted = userIds.filter((userId) => !existing.has(userId));
    await this.leases.removeAll(deleted);
    for (const userId of deleted) nextChecks.set(userId, null);
  }

  private async publish(changes: PresenceChange[]): Promise<void> {
    if (changes.length === 0) return;
    const pipeline = this.redis.pipeline();
    for (const change of changes) pipeline.publish(channels.presence(change.presence.userId), JSON.stringify(change));
    await publishOnPrimary(pipeline);
  }
}

function differs(user: UserEntity, evaluation: Evaluation): boolean {
  return (
    user.present !== evaluation.present ||
    user.leftAt?.getTime() !== evaluation.leftAt?.getTime() ||
    user.lastSeenAt?.getTime() !== evaluation.lastSeenAt?.getTime()
  );
}
