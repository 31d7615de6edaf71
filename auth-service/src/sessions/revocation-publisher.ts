import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { PollingWorker } from '@chat/shared/async';
import { RevokedSessions } from '@chat/shared/auth';
import { LOGGER, type Log } from '@chat/shared/observability';
import { createRedis } from '@chat/shared/realtime';
import type { Redis } from 'ioredis';
import { DataSource, In, IsNull, MoreThan, Not } from 'typeorm';
import { AuthConfig } from '../config.js';
import { Session } from './session.entity.js';

const POLL_INTERVAL_MS = 2000;
const BATCH_SIZE = 200;
/** The clocks of other services may differ. */
const CLOCK_TOLERANCE_MS = 60_000;

/** The fields of a revoked session that other services need. */
export type RevokedSession = Pick<Session, 'id' | 'userId' | 'revokedAt'>;

/**
 * Publishes revoked sessions on Redis for the other services. The database is the source of truth: there a revocation is pending until
 * Redis has accepted it, and any instance publishes pending ones within seconds. When the connection to Redis is established (again), Redis
 * may be empty, so every session whose access tokens may still be valid is published again. Publishing a session twice has no further
 * effect.
 */
@Injectable()
export class RevocationPublisher implements OnApplicationBootstrap, OnApplicationShutdown {
  #redis: Redis | undefined;
  readonly #worker: PollingWorker;
  #mustPublishAgain = true;

  constructor(
    private readonly dataSource: DataSource,
    private readonly config: AuthConfig,
    @Inject(LOGGER) private readonly logger: Log,
  ) {
    this.#worker = new PollingWorker({
      round: () => this.#publishPending(),
      backoff: { firstMs: POLL_INTERVAL_MS, maxMs: POLL_INTERVAL_MS },
      // The connections log their own outages; the next round finds the same sessions.
      onError: (error) => logger.debug({ error }, 'revoked sessions could not be published'),
    });
  }

  onApplicationBootstrap(): void {
    this.#redis = createRedis(this.config.redis, 'revocation-publisher', this.logger);
    this.#redis.on('ready', () => {
      this.#mustPublishAgain = true;
      this.#worker.wake();
    });
    this.#worker.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#worker.stop();
    this.#redis?.disconnect();
  }

  /** Publishes sessions after the commit of their revocation. Never rejects: a failure leaves them pending. */
  async publish(sessions: RevokedSession[]): Promise<void> {
    try {
      for (let at = 0; at < sessions.length; at += BATCH_SIZE) await this.#publish(sessions.slice(at, at + BATCH_SIZE));
    } catch (error) {
      this.logger.warn({ sessions: sessions.length, userId: sessions[0]?.userId, error }, 'revoked sessions could not be published yet');
    }
  }

  async #publishPending(): Promise<number> {
    if (this.#redis?.status !== 'ready') return POLL_INTERVAL_MS;
    const sessions = this.dataSource.getRepository(Session);
    if (this.#mustPublishAgain) {
      this.#mustPublishAgain = false;
      const oldest = new Date(Date.now() - this.#tokenLifetimeMs());
      await sessions.update({ revokedAt: MoreThan(oldest) }, { revocationPublishedAt: null }).catch((error: unknown) => {
        this.#mustPublishAgain = true;
        throw error;
      });
    }
    // Uses the partial index sessions_not_published.
    const notPublished = { revokedAt: Not(IsNull()), revocationPublishedAt: IsNull() };
    for (let left = BATCH_SIZE; left === BATCH_SIZE;) {
      const batch = await sessions.find({ where: notPublished, order: { revokedAt: 'ASC' }, take: BATCH_SIZE });
      if (batch.length > 0) await this.#publish(batch);
      left = batch.length;
    }
    return POLL_INTERVAL_MS;
  }

  async #publish(batch: RevokedSession[]): Promise<void> {
    const redis = this.#redis;
    if (!redis) return;
    const minExpiryMs = Date.now() + CLOCK_TOLERANCE_MS;
    await Promise.all(
      batch.map(({ id, userId, revokedAt }) => {
        const lastTokenEndsAtMs = Math.max(revokedAt!.getTime() + this.#tokenLifetimeMs(), minExpiryMs);
        return RevokedSessions.revoke(redis, { sessionId: id, userId, lastTokenEndsAtMs });
      }),
    );
    await this.dataSource.getRepository(Session).update({ id: In(batch.map(({ id }) => id)) }, { revocationPublishedAt: new Date() });
  }

  #tokenLifetimeMs(): number {
    return this.config.accessTokenSeconds * 1000 + CLOCK_TOLERANCE_MS;
  }
}
