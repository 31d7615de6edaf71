import type { Redis } from 'ioredis';
import type { Log } from '../observability/logger.js';
import type { RedisConfig } from '../config/index.js';
import { channels } from '../realtime/channels.js';
import { createRedis } from '../realtime/redis.js';

/** ZSET: member sessionId, score = when the session's last access token runs out (ms). */
export const REVOKED_SESSIONS_KEY = 'auth:revoked-sessions';

const REFRESH_MS = 600_000;

export interface RevokedSession {
  sessionId: string;
  userId: string;
}

/**
 * The sessions whose access tokens must not be taken any more although they have not run out.
 * Kept in memory, so that asking costs nothing: the whole set is loaded on every (re)connect to Redis, after subscribing to the
 * announcements, so that none falls between. With Redis away it goes on with what it knows; tokens live 15 minutes at most.
 */
export class RevokedSessions {
  readonly #config: RedisConfig;
  readonly #logger: Log;
  readonly #endsAtBySession = new Map<string, number>();
  readonly #listeners = new Set<(revoked: RevokedSession) => void>();
  #subscriber: Redis | undefined;
  #commands: Redis | undefined;
  #loaded = false;
  #refresh: NodeJS.Timeout | undefined;

  constructor({ redis, logger }: { redis: RedisConfig; logger: Log }) {
    this.#config = redis;
    this.#logger = logger;
  }

  /** For auth-service: makes every service refuse the session's tokens. Rejects when Redis is away. */
  static async revoke(redis: Redis, revoked: RevokedSession & { lastTokenEndsAtMs: number }): Promise<void> {
    const { sessionId, userId, lastTokenEndsAtMs } = revoked;
    const results = await redis
      .multi()
      .zadd(REVOKED_SESSIONS_KEY, lastTokenEndsAtMs, sessionId)
      .zremrangebyscore(REVOKED_SESSIONS_KEY, '-inf', Date.now())
      .publish(channels.sessionRevoked, JSON.stringify({ sessionId, userId }))
      .exec();
    for (const [error] of results ?? []) if (error) throw error;
  }

  /** Begins to connect; does not wait for it. */
  start(): void {
    if (this.#subscriber) return;
    this.#commands = createRedis(this.#config, 'revoked-sessions', this.#logger);
    this.#subscriber = createRedis(this.#config, 'revoked-sessions-subscriber', this.#logger);
    this.#subscriber.on('message', (_channel: string, text: string) => this.#onMessage(text));
    this.#subscriber.on('ready', () => void this.#load());
    this.#commands.on('ready', () => void this.#load());
    // Drops what has run out.
    this.#refresh = setInterval(() => void this.#load(), REFRESH_MS).unref();
  }

  /** True once the set was loaded; also during a later outage. */
  get isLoaded(): boolean {
    return this.#loaded;
  }

  isRevoked(sessionId: string): boolean {
    return this.#endsAtBySession.has(sessionId);
  }

  /** Hears of each revoked session once, soon after it is revoked; also of those that were revoked during an outage. */
  onRevoked(listener: (revoked: RevokedSession) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    clearInterval(this.#refresh);
    this.#subscriber?.disconnect();
    this.#commands?.disconnect();
    this.#subscriber = undefined;
    this.#commands = undefined;
  }

  async #load(): Promise<void> {
    const [subscriber, commands] = [this.#subscriber, this.#commands];
    if (subscriber?.status !== 'ready' || commands?.status !== 'ready') return;
    try {
      await subscriber.subscribe(channels.sessionRevoked);
      const now = Date.now();
      const pairs = await commands.zrangebyscore(REVOKED_SESSIONS_KEY, now, '+inf', 'WITHSCORES');
      for (const [sessionId, endsAt] of this.#endsAtBySession) if (endsAt < now) this.#endsAtBySession.delete(sessionId);
      for (let i = 0; i < pairs.length; i += 2) this.#add({ sessionId: pairs[i]!, userId: '' }, Number(pairs[i + 1]));
      this.#loaded = true;
    } catch (error) {
      // Connected, but not able to answer: a new connection loads again. A lost one comes back by itself.
      this.#logger.warn({ error }, 'revoked sessions could not be loaded');
      if (subscriber.status === 'ready') subscriber.disconnect(true);
    }
  }

  #onMessage(text: string): void {
    let revoked: RevokedSession;
    try {
      revoked = JSON.parse(text) as RevokedSession;
    } catch {
      this.#logger.warn({}, 'an announcement of a revoked session could not be read');
      return;
    }
    if (typeof revoked?.sessionId !== 'string') return;
    // The exact end is in the set; until it is loaded again, a day is longer than any access token lives.
    this.#add({ sessionId: revoked.sessionId, userId: String(revoked.userId ?? '') }, Date.now() + 86_400_000);
  }

  #add(revoked: RevokedSession, endsAt: number): void {
    const isNew = !this.#endsAtBySession.has(revoked.sessionId);
    this.#endsAtBySession.set(revoked.sessionId, endsAt);
    if (!isNew) return;
    for (const listener of this.#listeners) {
      try {
        listener(revoked);
      } catch (error) {
        this.#logger.error({ error }, 'a listener for revoked sessions failed');
      }
    }
  }
}
