import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { RevokedSessions } from '@chat/shared/auth';
import { LOGGER, type Log } from '@chat/shared/observability';
import { createRedis } from '@chat/shared/realtime';
import type { Redis } from 'ioredis';
import { DataSource, In, IsNull, MoreThan, Not } from 'typeorm';
import { AuthConfig } from '../config.js';
import { Session } from './session.entity.js';

const PASS_INTERVAL_MS = 2000;
const BATCH_SIZE = 200;
/** The clocks of other services may differ. */
const CLOCK_TOLERANCE_MS = 60_000;

/** A revoked session, as far as others need to know it. */
export type RevokedSession = Pick<Session, 'id' | 'userId' | 'revokedAt'>;

/**
 * Tells the other services, over Redis, which sessions are revoked. The database is the truth: a revocation stays marked there as not
 * announced until Redis took it, and any instance makes up for it within seconds. When Redis comes (back), perhaps empty, every session
 * whose access tokens may still live is announced again. Hearing of a session twice does no harm.
 */
@Injectable()
export class RevocationPublisher implements OnApplicationBootstrap, OnApplicationShutdown {
  #redis: Redis | undefined;
  #timer: NodeJS.Timeout | undefined;
  #pass: Promise<void> = Promise.resolve();
  #redisIsNew = true;

  constructor(
    private readonly dataSource: DataSource,
    private readonly config: AuthConfig,
    @Inject(LOGGER) private readonly logger: Log,
  ) {}

  onApplicationBootstrap(): void {
    this.#redis = createRedis(this.config.redis, 'revocation-announcer', this.logger);
    this.#redis.on('ready', () => {
      this.#redisIsNew = true;
      this.#catchUp();
    });
    this.#timer = setInterval(() => this.#catchUp(), PASS_INTERVAL_MS);
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.#timer);
    await this.#pass;
    this.#redis?.disconnect();
  }

  /** For sessions just revoked, after the commit. Never rejects: what fails here is made up for. */
  async publish(sessions: RevokedSession[]): Promise<void> {
    try {
      for (let at = 0; at < sessions.length; at += BATCH_SIZE) await this.#publish(sessions.slice(at, at + BATCH_SIZE));
    } catch (error) {
      this.logger.warn({ sessions: sessions.length, userId: sessions[0]?.userId, error }, 'revoked sessions could not be announced yet');
    }
  }

  #catchUp(): void {
    this.#pass = this.#pass
      .then(() => this.#publishPending())
      // The connections log their own outages; the next pass finds the same work again.
      .catch((error: unknown) => this.logger.debug({ error }, 'revoked sessions could not be announced'));
  }

  async #publishPending(): Promise<void> {
    if (this.#redis?.status !== 'ready') return;
    const sessions = this.dataSource.getRepository(Session);
    if (this.#redisIsNew) {
      this.#redisIsNew = false;
      const oldest = new Date(Date.now() - this.#lifeOfTokensMs());
      await sessions.update({ revokedAt: MoreThan(oldest) }, { revocationPublishedAt: null }).catch((error: unknown) => {
        this.#redisIsNew = true;
        throw error;
      });
    }
    // Counts on the partial index sessions_not_published.
    const notPublished = { revokedAt: Not(IsNull()), revocationPublishedAt: IsNull() };
    for (let left = BATCH_SIZE; left === BATCH_SIZE;) {
      const batch = await sessions.find({ where: notPublished, order: { revokedAt: 'ASC' }, take: BATCH_SIZE });
      if (batch.length > 0) await this.#publish(batch);
      left = batch.length;
    }
  }

  async #publish(batch: RevokedSession[]): Promise<void> {
    const redis = this.#redis;
    if (!redis) return;
    const soonestEndMs = Date.now() + CLOCK_TOLERANCE_MS;
    await Promise.all(
      batch.map(({ id, userId, revokedAt }) => {
        const lastTokenEndsAtMs = Math.max(revokedAt!.getTime() + this.#lifeOfTokensMs(), soonestEndMs);
        return RevokedSessions.revoke(redis, { sessionId: id, userId, lastTokenEndsAtMs });
      }),
    );
    await this.dataSource.getRepository(Session).update({ id: In(batch.map(({ id }) => id)) }, { revocationPublishedAt: new Date() });
  }

  #lifeOfTokensMs(): number {
    return this.config.accessTokenSeconds * 1000 + CLOCK_TOLERANCE_MS;
  }
}
