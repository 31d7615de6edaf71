import { RevokedSessions } from '@chat/shared/auth';
import { LOGGER, type Log } from '@chat/shared/observability';
import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { Gauge, register } from 'prom-client';
import { type ClientSocket, CLOSE_CODES } from './client-socket.js';
import { Keepalive } from './keepalive.js';

/** Token of the Redis connection for presence leases. */
export const LEASES_REDIS = Symbol('leases redis');

/** The sockets that are open, and who is behind them: a session that ends takes its sockets with it. */
@Injectable()
export class OpenSockets implements OnModuleInit, OnApplicationShutdown {
  private readonly sockets = new Set<ClientSocket>();
  private readonly bySession = new Map<string, Set<ClientSocket>>();
  private readonly keepalive: Keepalive;
  private readonly gauge: Gauge;

  constructor(
    private readonly revoked: RevokedSessions,
    @Inject(LEASES_REDIS) private readonly redis: Redis,
    @Inject(LOGGER) logger: Log,
  ) {
    this.keepalive = new Keepalive(redis, logger);
    register.removeSingleMetric('gateway_sockets');
    this.gauge = new Gauge({ name: 'gateway_sockets', help: 'WebSockets that are open' });
  }

  onModuleInit(): void {
    this.keepalive.start();
    this.revoked.onRevoked(({ sessionId }) => {
      for (const socket of this.bySession.get(sessionId) ?? []) socket.close(CLOSE_CODES.forbidden, 'Session ended');
    });
  }

  add(socket: ClientSocket): void {
    this.sockets.add(socket);
    this.gauge.set(this.sockets.size);
  }

  /** Its caller is known from now on. */
  signIn(socket: ClientSocket, sessionId: string): void {
    // It may have gone while its token was looked at.
    if (!socket.isOpen) return;
    const sockets = this.bySession.get(sessionId);
    if (sockets) sockets.add(socket);
    else this.bySession.set(sessionId, new Set([socket]));
    this.keepalive.add(socket);
    // So may its session have ended.
    if (this.revoked.isRevoked(sessionId)) socket.close(CLOSE_CODES.forbidden, 'Session ended');
  }

  remove(socket: ClientSocket): void {
    this.sockets.delete(socket);
    this.gauge.set(this.sockets.size);
    if (!socket.caller) return;
    const { sessionId } = socket.caller;
    const sockets = this.bySession.get(sessionId);
    sockets?.delete(socket);
    if (sockets?.size === 0) this.bySession.delete(sessionId);
    this.keepalive.remove(socket);
  }

  closeAll(code: number, reason: string): void {
    for (const socket of this.sockets) socket.close(code, reason);
  }

  onApplicationShutdown(): void {
    this.keepalive.stop();
    this.redis.disconnect();
  }
}
