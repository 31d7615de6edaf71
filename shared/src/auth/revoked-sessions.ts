import type { Redis } from 'ioredis';
import type { Log } from '../observability/logger.js';
import type { RedisConfig } from '../config/index.js';
import { channels } from '../realtime/channels.js';
import { redisKey } from '../realtime/keys.js';
import { createRedis, createSubscriber } from '../realtime/redis.js';

/** ZSET: member sessionId, score = time when the last access token of the session expires (ms since the epoch). */
export const REVOKED_SESSIONS_KEY = redisKey('auth:revoked-sessions');

const REFRESH_MS = 600_000;

/** A session that was revoked; `userId` is '' when it is known only from the stored set. */
export interface RevokedSession {
  sessionId: string;
  userId: string;
}

/**
 * The revoked sessions whose access tokens have not expired yet: the services must reject these tokens.
 * The set is kept in memory, so a check needs no I/O. It is loaded on every connect to Redis, after subscribing to further revocations, so
 * that none is missed. While Redis is unavailable, the loaded set stays in use; an access token lives 15 minutes at most.
 */
export class RevokedSessions {
  readonly #config: RedisConfig;
  readonly #logger: Log;
  readonly #expiryBySession = new Map<string, number>();
  readonly #listeners = new Set<(revoked: RevokedSession) => void>();
  readonly #restoredListeners = new Set<() => void>();
  #subscriber: Redis | undefined;
  #commands: Redis | undefined;
  #loaded = false;
  #refresh: NodeJS.Timeout | undefined;

  constructor({ redis, logger }: { redis: RedisConfig; logger: Log }) {
    this.#config = redis;
    this.#logger = logger;
  }

  /** For auth-service: makes every service reject the tokens of the session. Rejects when Redis is unavailable. */
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

  /** Begins to connect; returns at once. */
  start(): void {
    if (this.#subscriber) return;
    this.#commands = createRedis(this.#config, 'revoked-sessions', this.#logger);
    this.#subscriber = createSubscriber(this.#config, 'revoked-sessions-subscriber', this.#commands, this.#logger);
    this.#subscriber.on('message', (_channel: string, text: string) => this.#onMessage(text));
    this.#subscriber.on('ready', () => void this.#restore());
    this.#commands.on('ready', () => void this.#restore());
    // Removes what has expired.
    this.#refresh = setInterval(() => void this.#load(), REFRESH_MS).unref();
  }

  /** True once the set has been loaded, also during a later outage of Redis. */
  get isLoaded(): boolean {
    return this.#loaded;
  }

  isRevoked(sessionId: string): boolean {
    return this.#expiryBySession.has(sessionId);
  }

  /** Calls the listener once for each revoked session, soon after it is revoked; after an outage, also for those revoked during it. Returns how to unsubscribe. */
  onRevoked(listener: (revoked: RevokedSession) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Calls the listener when the set has been loaded again after a loss of Redis. Sessions that were revoked meanwhile, and whose last token
   * has expired since, are in the set no more. Returns how to unsubscribe.
   */
  onRestored(listener: () => void): () => void {
    this.#restoredListeners.add(listener);
    return () => this.#restoredListeners.delete(listener);
  }

  close(): void {
    clearInterval(this.#refresh);
    this.#subscriber?.disconnect();
    this.#commands?.disconnect();
    this.#subscriber = undefined;
    this.#commands = undefined;
  }

  async #restore(): Promise<void> {
    const wasLoaded = this.#loaded;
    if ((await this.#load()) && wasLoaded) for (const listener of this.#restoredListeners) listener();
  }

  /** True if the set was loaded. */
  async #load(): Promise<boolean> {
    const [subscriber, commands] = [this.#subscriber, this.#commands];
    if (subscriber?.status !== 'ready' || commands?.status !== 'ready') return false;
    try {
      await subscriber.subscribe(channels.sessionRevoked);
      const now = Date.now();
      const pairs = await commands.zrangebyscore(REVOKED_SESSIONS_KEY, now, '+inf', 'WITHSCORES');
      for (const [sessionId, expiresAt] of this.#expiryBySession) if (expiresAt < now) this.#expiryBySession.delete(sessionId);
      for (let i = 0; i < pairs.length; i += 2) this.#add({ sessionId: pairs[i]!, userId: '' }, Number(pairs[i + 1]));
      this.#loaded = true;
      return true;
    } catch (error) {
      // Connected, but without an answer: a new connection loads the set again. A lost connection is restored by the client.
      this.#logger.warn({ error }, 'revoked sessions could not be loaded');
      if (subscriber.status === 'ready') subscriber.disconnect(true);
      return false;
    }
  }

  #onMessage(text: string): void {
    let revoked: RevokedSession;
    try {
      revoked = JSON.parse(text) as RevokedSession;
    } catch {
      this.#logger.warn({}, 'message on the channel of revoked sessions is not readable');
      return;
    }
    if (typeof revoked?.sessionId !== 'string') return;
    // The exact expiry is in the set; until it is loaded again, a day is longer than the lifetime of any access token.
    this.#add({ sessionId: revoked.sessionId, userId: String(revoked.userId ?? '') }, Date.now() + 86_400_000);
  }

  #add(revoked: RevokedSession, expiresAt: number): void {
    const isNew = !this.#expiryBySession.has(revoked.sessionId);
    this.#expiryBySession.set(revoked.sessionId, expiresAt);
    if (!isNew) return;
    for (const listener of this.#listeners) {
      try {
        listener(revoked);
      } catch (error) {
        this.#logger.error({ error }, 'listener for revoked sessions failed');
      }
    }
  }
}
