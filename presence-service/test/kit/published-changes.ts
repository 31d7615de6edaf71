import { RedisConfig } from '@chat/shared/config';
import type { Presence, PresenceStatus } from '@chat/shared/contracts';
import { silentLog } from '@chat/shared/observability';
import { channels, createRedis, waitForRedis } from '@chat/shared/realtime';
import { eventually } from '@chat/shared/testing';
import type { Redis } from 'ioredis';

export interface PublishedChange {
  presence: Presence;
  isPublic: boolean;
  /** The time of arrival. */
  atMs: number;
}

/** The changes that presence-service publishes on Redis, of all users. */
export class PublishedChanges {
  readonly #changes: PublishedChange[] = [];

  private constructor(private readonly redis: Redis) {}

  static async subscribe(redisUrl: string): Promise<PublishedChanges> {
    const redis = createRedis(RedisConfig.fromUrl(redisUrl), 'test-subscriber', silentLog);
    await waitForRedis(redis);
    const changes = new PublishedChanges(redis);
    redis.on('pmessage', (_pattern: string, channel: string, text: string) => {
      if (channel !== channels.presenceLeases) changes.#changes.push({ ...JSON.parse(text), atMs: Date.now() } as PublishedChange);
    });
    await redis.psubscribe(channels.presence('*'));
    return changes;
  }

  of(userId: string): PublishedChange[] {
    return this.#changes.filter(({ presence }) => presence.userId === userId);
  }

  statusesOf(userId: string): PresenceStatus[] {
    return this.of(userId).map(({ presence }) => presence.status);
  }

  /** Resolves when exactly these statuses of the user were published. */
  untilPublished(userId: string, statuses: PresenceStatus[]): Promise<unknown> {
    return eventually(() => {
      const published = this.statusesOf(userId);
      if (published.join() !== statuses.join()) throw new Error(`published: ${published.join()}`);
    });
  }

  close(): void {
    this.redis.disconnect();
  }
}
