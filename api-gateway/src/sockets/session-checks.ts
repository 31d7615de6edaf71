import { PollingWorker } from '@chat/shared/async';
import { InternalTokens, RevokedSessions } from '@chat/shared/auth';
import { LOGGER, type Log } from '@chat/shared/observability';
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { isUUID } from 'class-validator';
import { AuthClient } from '../clients/auth.client.js';
import { GatewayConfig } from '../config.js';
import { type ClientSocket, CLOSE_CODES } from './client-socket.js';

/** Sockets that sign in within this time are checked together. */
const PACE_MS = 1000;
const SOCKETS_PER_CHECK = 1000;
const RETRY_BACKOFF = { firstMs: 1000, maxMs: 30_000, jitter: 0.5 };
/** No user makes these requests. */
const GATEWAY = { userId: 'api-gateway', sessionId: 'api-gateway' };

interface CheckedSocket {
  sessionId: string;
  keyId: string;
  /** By the clock of `performance.now()`. */
  checkAtMs: number;
}

/**
 * Closes a socket whose session has ended in any way, or whose signing key was withdrawn, although no message said so: a session can expire, and
 * a revocation can be published while Redis is unavailable for this gateway. auth-service is asked for many sockets at once: when a socket signs
 * in, when its session expires unless it was refreshed, after each loss of Redis, and at least once in SESSION_CHECK_INTERVAL. While auth-service
 * is unavailable, the sockets stay open.
 */
@Injectable()
export class SessionChecks implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly sockets = new Map<ClientSocket, CheckedSocket>();
  private readonly worker: PollingWorker;

  constructor(
    private readonly config: GatewayConfig,
    private readonly auth: AuthClient,
    private readonly tokens: InternalTokens,
    private readonly revoked: RevokedSessions,
    @Inject(LOGGER) logger: Log,
  ) {
    this.worker = new PollingWorker({
      round: () => this.checkDue(),
      backoff: RETRY_BACKOFF,
      paceMs: PACE_MS,
      onError: (error, attempt) => {
        if (attempt === 0) logger.warn({ error }, 'the sessions of sockets cannot be checked; retried with backoff');
      },
      onRecovered: () => logger.info({}, 'the sessions of sockets are checked again'),
    });
  }

  onApplicationBootstrap(): void {
    this.worker.start();
    this.revoked.onRestored(() => this.checkAll());
  }

  add(socket: ClientSocket, sessionId: string, keyId: string): void {
    this.sockets.set(socket, { sessionId, keyId, checkAtMs: 0 });
    this.worker.wake();
  }

  remove(socket: ClientSocket): void {
    this.sockets.delete(socket);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.worker.stop();
  }

  private checkAll(): void {
    for (const entry of this.sockets.values()) entry.checkAtMs = 0;
    this.worker.wake();
  }

  private async checkDue(): Promise<number> {
    const now = performance.now();
    const due = [...this.sockets].filter(([, { checkAtMs }]) => checkAtMs <= now).slice(0, SOCKETS_PER_CHECK);
    if (due.length > 0) await this.check(due);
    const next = [...this.sockets.values()].reduce((earliest, { checkAtMs }) => Math.min(earliest, checkAtMs), Infinity);
    return Math.max(0, next - performance.now());
  }

  private async check(due: [ClientSocket, CheckedSocket][]): Promise<void> {
    const entries = due.map(([, entry]) => entry);
    // A session that auth-service has created has a UUID.
    const sessionIds = [...new Set(entries.map(({ sessionId }) => sessionId))].filter((id) => isUUID(id));
    const keyIds = [...new Set(entries.map(({ keyId }) => keyId))];
    // What happens from now on may be missing in the answer.
    for (const entry of entries) entry.checkAtMs = Infinity;
    try {
      const token = this.tokens.issue('auth-service', GATEWAY);
      const { active, withdrawnKeyIds } = await this.auth.checkSessions({ sessionIds, keyIds }, token);
      const seconds = new Map(active.map(({ sessionId, expiresInSeconds }) => [sessionId, expiresInSeconds]));
      for (const [socket, entry] of due)
        this.apply(socket, entry, withdrawnKeyIds.includes(entry.keyId) ? undefined : seconds.get(entry.sessionId));
    } catch (error) {
      for (const entry of entries) entry.checkAtMs = 0;
      throw error;
    }
  }

  private apply(socket: ClientSocket, entry: CheckedSocket, expiresInSeconds: number | undefined): void {
    if (expiresInSeconds === undefined) return socket.close(CLOSE_CODES.forbidden, 'Session ended');
    // Different times for each socket, so that the checks are spread.
    const intervalSeconds = this.config.sockets.sessionCheckSeconds * (0.75 + Math.random() / 4);
    entry.checkAtMs = Math.min(entry.checkAtMs, performance.now() + Math.min(intervalSeconds, expiresInSeconds) * 1000);
  }
}
