import type { Log } from '@chat/shared/observability';
import { releaseLease, renewLeases } from '@chat/shared/realtime';
import type { Redis } from 'ioredis';
import type { ClientSocket } from './client-socket.js';

/** Each socket is pinged once in this time, a part of them at each tick. A lease lasts 30 s, so one lost pong does no harm. */
const ROUND_MS = 12_000;
const TICKS_PER_ROUND = 8;
const LEASES_PER_CALL = 500;

/**
 * Terminates sockets whose client does not answer pings, and keeps a presence lease for each of the others: written when the client has signed in,
 * renewed while it answers pings, released when the socket closes. The leases of a gateway that crashes expire by themselves.
 */
export class Keepalive {
  private readonly rounds: Set<ClientSocket>[] = Array.from({ length: TICKS_PER_ROUND }, () => new Set());
  private readonly toRenew = new Set<ClientSocket>();
  private timer: NodeJS.Timeout | null = null;
  private isFlushing = false;
  private tick = 0;
  private added = 0;

  constructor(
    private readonly redis: Redis,
    private readonly logger: Log,
  ) {}

  start(): void {
    this.timer = setInterval(() => this.next(), ROUND_MS / TICKS_PER_ROUND);
  }

  add(socket: ClientSocket): void {
    this.rounds[this.added++ % TICKS_PER_ROUND]?.add(socket);
    this.renew(socket);
  }

  remove(socket: ClientSocket): void {
    for (const round of this.rounds) round.delete(socket);
    this.toRenew.delete(socket);
    if (!socket.user) return;
    // A lease that is not released expires.
    releaseLease(this.redis, socket.user.userId, socket.connectionId).catch((error: unknown) =>
      this.logger.debug({ error }, 'a presence lease was not released'),
    );
  }

  stop(): void {
    if (this.timer) clearInterval(this.timer);
  }

  private next(): void {
    for (const socket of this.rounds[this.tick++ % TICKS_PER_ROUND] ?? []) {
      if (!socket.isAlive) {
        socket.terminate();
        continue;
      }
      this.renew(socket);
      socket.ping();
    }
  }

  /** Renewals of one turn of the event loop are written together. */
  private renew(socket: ClientSocket): void {
    this.toRenew.add(socket);
    if (this.isFlushing) return;
    this.isFlushing = true;
    setImmediate(() => void this.flush());
  }

  private async flush(): Promise<void> {
    try {
      while (this.toRenew.size > 0) {
        const sockets = [...this.toRenew].slice(0, LEASES_PER_CALL);
        for (const socket of sockets) this.toRenew.delete(socket);
        const leases = sockets.flatMap(({ user, connectionId }) => (user ? [{ userId: user.userId, connectionId }] : []));
        await renewLeases(this.redis, leases);
      }
    } catch (error) {
      // The connection logs that Redis is unavailable; the next round renews the leases.
      this.logger.debug({ error }, 'presence leases were not renewed');
      this.toRenew.clear();
    } finally {
      this.isFlushing = false;
    }
  }
}
