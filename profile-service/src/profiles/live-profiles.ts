import { PollingWorker, shouldLogAttempt } from '@chat/shared/async';
import type { LiveProfile } from '@chat/shared/contracts';
import { type Log, LOGGER } from '@chat/shared/observability';
import { channels, publishOnPrimary } from '@chat/shared/realtime';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import type { Redis } from 'ioredis';
import { DataSource, In } from 'typeorm';
import { ProfileEntity } from './profile.entity.js';
import { ProfileViews } from './profile-views.service.js';

/** Injection token of the Redis connection for publishing. */
export const LIVE_REDIS = Symbol('live-redis');

const RETRY = { firstMs: 200, maxMs: 2000 };
const PROFILES_PER_ROUND = 100;
/** While Redis is unavailable for long; a gateway that was connected all the time does not learn of the others. */
const MAX_WAITING = 10_000;

/**
 * Publishes changed profiles on Redis (`profile:{id}`), as they are when they are published, so several changes may be published once. A gateway loads
 * what it missed while its own connection was lost; what cannot be published is published again when Redis is available. Live only: a change is
 * not published if this process ends in between.
 */
@Injectable()
export class LiveProfiles implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown {
  readonly #worker: PollingWorker;
  readonly #changed = new Set<string>();

  constructor(
    private readonly dataSource: DataSource,
    private readonly views: ProfileViews,
    @Inject(LIVE_REDIS) private readonly redis: Redis,
    @Inject(LOGGER) logger: Log,
  ) {
    this.#worker = new PollingWorker({
      round: async () => ((await this.#publish()) ? 0 : Infinity),
      backoff: RETRY,
      drainMs: 1000,
      onError: (error, attempt) => {
        if (shouldLogAttempt(attempt)) logger.warn({ error, attempt }, 'changed profiles could not be published live; retrying');
      },
    });
  }

  onApplicationBootstrap(): void {
    this.#worker.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.#worker.stop();
  }

  onApplicationShutdown(): void {
    this.redis.disconnect();
  }

  /** After the commit of a change. */
  changed(userId: string): void {
    if (this.#changed.size < MAX_WAITING) this.#changed.add(userId);
    this.#worker.wake();
  }

  /** Returns whether there are more. */
  async #publish(): Promise<boolean> {
    const userIds = [...this.#changed].slice(0, PROFILES_PER_ROUND);
    if (userIds.length === 0) return false;
    // Before the profiles are read: a change during the round is another round.
    for (const userId of userIds) this.#changed.delete(userId);
    try {
      const profiles = await this.dataSource.getRepository(ProfileEntity).findBy({ userId: In(userIds) });
      const pipeline = this.redis.pipeline();
      for (const profile of await this.views.publicViews(profiles))
        pipeline.publish(channels.profile(profile.userId), JSON.stringify({ profile, isPublic: profile.isPublic } satisfies LiveProfile));
      await publishOnPrimary(pipeline);
    } catch (error) {
      for (const userId of userIds) this.#changed.add(userId);
      throw error;
    }
    return this.#changed.size > 0;
  }
}
