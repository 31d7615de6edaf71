import { type AuthenticatedUser, RevokedSessions } from '@chat/shared/auth';
import { LOGGER, type Log } from '@chat/shared/observability';
import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { Gauge, register } from 'prom-client';
import { type ClientSocket, CLOSE_CODES } from './client-socket.js';
import { Keepalive } from './keepalive.js';
import { SessionChecks } from './session-checks.js';
import { SocketLimits } from './socket-limits.js';

/** Token of the Redis connection for presence leases. */
export const LEASES_REDIS = Symbol('leases redis');

/** The open sockets, by session: revoking a session closes its sockets. */
@Injectable()
export class OpenSockets implements OnModuleInit, OnApplicationShutdown {
  private readonly sockets = new Set<ClientSocket>();
  private readonly bySession = new Map<string, Set<ClientSocket>>();
  private readonly keepalive: Keepalive;

  constructor(
    private readonly revoked: RevokedSessions,
    private readonly limits: SocketLimits,
    private readonly sessionChecks: SessionChecks,
    @Inject(LEASES_REDIS) private readonly redis: Redis,
    @Inject(LOGGER) logger: Log,
  ) {
    this.keepalive = new Keepalive(redis, logger);
    this.addGauge('gateway_sockets', 'Open WebSockets', () => this.sockets.size);
    this.addGauge(
      'gateway_socket_buffered_bytes',
      'Bytes of messages, live items and frames that wait for clients that do not read fast enough',
      () => [...this.sockets].reduce((sum, socket) => sum + socket.heldBytes, 0),
    );
  }

  onModuleInit(): void {
    this.keepalive.start();
    this.revoked.onRevoked(({ sessionId }) => {
      for (const socket of this.bySession.get(sessionId) ?? []) socket.close(CLOSE_CODES.forbidden, 'Session ended');
    });
  }

  add(socket: ClientSocket): void {
    this.sockets.add(socket);
    this.limits.add(socket);
  }

  /** Registers the session of a socket whose user is known now, and the key that signed its token. */
  signIn(socket: ClientSocket, { userId, sessionId }: AuthenticatedUser, keyId: string): void {
    // The socket may have closed while its token was verified.
    if (!socket.isOpen) return;
    if (!this.limits.signIn(socket, userId)) return socket.close(CLOSE_CODES.tryAgainLater, 'Too many sockets of this user');
    const sockets = this.bySession.get(sessionId);
    if (sockets) sockets.add(socket);
    else this.bySession.set(sessionId, new Set([socket]));
    this.keepalive.add(socket);
    this.sessionChecks.add(socket, sessionId, keyId);
    // The session may have been revoked meanwhile.
    if (this.revoked.isRevoked(sessionId)) socket.close(CLOSE_CODES.forbidden, 'Session ended');
  }

  remove(socket: ClientSocket): void {
    this.sockets.delete(socket);
    if (!socket.user) return;
    const { sessionId } = socket.user;
    const sockets = this.bySession.get(sessionId);
    sockets?.delete(socket);
    if (sockets?.size === 0) this.bySession.delete(sessionId);
    this.keepalive.remove(socket);
    this.sessionChecks.remove(socket);
  }

  closeAll(code: number, reason: string): void {
    for (const socket of this.sockets) socket.close(code, reason);
  }

  onApplicationShutdown(): void {
    this.keepalive.stop();
    this.redis.disconnect();
  }

  private addGauge(name: string, help: string, value: () => number): void {
    register.removeSingleMetric(name);
    register.registerMetric(
      new Gauge({
        name,
        help,
        registers: [],
        collect() {
          this.set(value());
        },
      }),
    );
  }
}
