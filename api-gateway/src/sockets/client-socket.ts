import { randomUUID } from 'node:crypto';
import type { WebSocket } from 'ws';
import type { AuthenticatedUser } from '@chat/shared/auth';
import type { ClientRequest } from '../clients/client-headers.js';

export const CLOSE_CODES = { badRequest: 4400, forbidden: 4403, restart: 1012, tryAgainLater: 1013, internal: 1011 } as const;

/** Bytes that may wait in this process for one socket before its streams wait, too. */
const HIGH_WATER_BYTES = 256 * 1024;
/** How long a socket may stay above it before it is closed. */
const DRAIN_WITHIN_MS = 5000;

/** One open WebSocket of one client. */
export class ClientSocket {
  readonly connectionId = randomUUID();
  /** Set when connection_init was accepted. */
  caller: AuthenticatedUser | null = null;
  /** False from a ping until its pong. */
  isAlive = true;

  private hasEnded = false;

  constructor(
    private readonly ws: WebSocket,
    /** The request that it was opened with. */
    readonly request: ClientRequest,
    /** Called once: when the other end closes, or as soon as this one does, without waiting for the other. */
    private readonly onEnd: (code: number, reason: string) => void,
  ) {
    ws.on('close', (code, reason) => this.end(code, reason.toString()));
  }

  get isOpen(): boolean {
    return !this.hasEnded;
  }

  get protocol(): string {
    return this.ws.protocol;
  }

  /** Resolves when the socket takes more. Who does not read is closed after a while, and may come back with the cursor. */
  send(text: string): Promise<void> {
    if (this.ws.readyState !== this.ws.OPEN) return Promise.resolve();
    if (this.ws.bufferedAmount < HIGH_WATER_BYTES) {
      this.ws.send(text);
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.close(CLOSE_CODES.tryAgainLater, 'Too slow');
        resolve();
      }, DRAIN_WITHIN_MS);
      this.ws.send(text, () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  ping(): void {
    this.isAlive = false;
    this.ws.ping();
  }

  close(code: number, reason: string): void {
    this.ws.close(code, reason);
    this.end(code, reason);
  }

  terminate(): void {
    this.ws.terminate();
  }

  private end(code: number, reason: string): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    this.onEnd(code, reason);
  }
}
