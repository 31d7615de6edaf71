import { rateLimitScale } from '@chat/shared/config';
import { networkOf } from '@chat/shared/http';
import { Injectable } from '@nestjs/common';
import type { IncomingMessage } from 'node:http';
import { clientHeadersOf } from '../clients/client-headers.js';
import { GatewayConfig } from '../config.js';
import type { ClientSocket } from './client-socket.js';

/**
 * Counts the sockets of each address and each user. A socket counts until its connection has ended, also while it is being closed, because it
 * takes memory until then.
 */
@Injectable()
export class SocketLimits {
  private readonly ofNetwork = new Counter();
  private readonly unauthenticatedOfNetwork = new Counter();
  private readonly ofUser = new Counter();
  private readonly counted = new Map<ClientSocket, { network: string; userId: string | null }>();

  constructor(private readonly config: GatewayConfig) {}

  /** Whether the address of the request may open another socket. */
  mayOpen(request: IncomingMessage): boolean {
    const { sockets, rateLimits, nodeEnv } = this.config;
    const scale = rateLimitScale(rateLimits, nodeEnv === 'production');
    const network = this.networkOf(request);
    if (this.unauthenticatedOfNetwork.of(network) >= sockets.unauthenticatedPerAddress * scale) return false;
    return this.ofNetwork.of(network) < sockets.perAddress * scale;
  }

  add(socket: ClientSocket): void {
    const network = this.networkOf(socket.request);
    this.counted.set(socket, { network, userId: null });
    this.ofNetwork.add(network, 1);
    this.unauthenticatedOfNetwork.add(network, 1);
    socket.onDisconnected(() => this.remove(socket));
  }

  /** Counts a socket for its user. False if the user has too many. */
  signIn(socket: ClientSocket, userId: string): boolean {
    const entry = this.counted.get(socket);
    if (!entry) return false;
    entry.userId = userId;
    this.unauthenticatedOfNetwork.add(entry.network, -1);
    this.ofUser.add(userId, 1);
    return this.ofUser.of(userId) <= this.config.sockets.perUser;
  }

  private remove(socket: ClientSocket): void {
    const entry = this.counted.get(socket);
    if (!entry) return;
    this.counted.delete(socket);
    this.ofNetwork.add(entry.network, -1);
    if (entry.userId === null) this.unauthenticatedOfNetwork.add(entry.network, -1);
    else this.ofUser.add(entry.userId, -1);
  }

  private networkOf(request: IncomingMessage): string {
    const { 'x-forwarded-for': address } = clientHeadersOf(request, this.config.trustedProxies);
    return networkOf(address ?? '');
  }
}

class Counter {
  private readonly counts = new Map<string, number>();

  of(key: string): number {
    return this.counts.get(key) ?? 0;
  }

  add(key: string, change: 1 | -1): void {
    const count = this.of(key) + change;
    if (count > 0) this.counts.set(key, count);
    else this.counts.delete(key);
  }
}
