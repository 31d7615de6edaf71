import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { WebSocket } from 'ws';
import type { AuthenticatedUser } from '@chat/shared/auth';
import { watchProgress } from './write-progress.js';

export const CLOSE_CODES = { badRequest: 4400, forbidden: 4403, restart: 1012, tryAgainLater: 1013, internal: 1011 } as const;

/** Bytes that may be buffered for one client, apart from the message that exceeds them. */
const HIGH_WATER_BYTES = 128 * 1024;
/** How long a client may read nothing while the buffer is above it. */
const DRAIN_TIMEOUT_MS = 5000;

/**
 * One open WebSocket of one client, with bounded memory. While the buffer is full, senders wait before they write, and no frame of the client
 * is read or handled. A client that does not read is disconnected after 5 s (close code 1013) and resumes with its cursor.
 */
export class ClientSocket {
  readonly connectionId = randomUUID();
  /** Set when connection_init was accepted. */
  user: AuthenticatedUser | null = null;
  /** False from a ping until its pong. */
  isAlive = true;

  private hasEnded = false;
  /** Settles when the buffer has been written out; null while there is room in it. */
  private draining: Promise<void> | null = null;
  private endDraining: () => void = () => undefined;
  private waitingBytes = 0;
  /** Frames that arrived while the buffer was full. */
  private readonly heldFrames: Buffer[] = [];

  constructor(
    private readonly ws: WebSocket,
    /** The HTTP request that opened the socket. */
    readonly request: IncomingMessage,
    /** Called once: when the client closes, or as soon as this side does, without waiting for the client. */
    private readonly onEnd: (code: number, reason: string) => void,
  ) {
    ws.on('close', (code, reason) => this.end(code, reason.toString()));
    ws.on('pong', () => (this.isAlive = true));
  }

  get isOpen(): boolean {
    return !this.hasEnded;
  }

  get protocol(): string {
    return this.ws.protocol;
  }

  /** Bytes that this process holds for the client. */
  get bufferedBytes(): number {
    return this.ws.bufferedAmount + this.waitingBytes;
  }

  /** Resolves when there is room in the buffer, or when the socket has ended. */
  async drained(): Promise<void> {
    while (this.draining) await this.draining;
  }

  /** Resolves when the text is in the buffer. Texts are written in the order of the calls. */
  async send(text: string): Promise<void> {
    const bytes = Buffer.byteLength(text);
    if (this.draining) {
      this.waitingBytes += bytes;
      await this.drained();
      this.waitingBytes -= bytes;
    }
    if (this.ws.readyState !== this.ws.OPEN) return;
    if (this.ws.bufferedAmount + bytes < HIGH_WATER_BYTES) this.ws.send(text);
    else this.ws.send(text, this.startDraining());
  }

  /** Calls the listener with each text frame, in order and at most one in each turn of the event loop. */
  onText(listener: (text: string) => void): void {
    this.ws.on('message', (data: Buffer, isBinary: boolean) => {
      if (this.hasEnded) return;
      if (isBinary) this.close(CLOSE_CODES.badRequest, 'Invalid message received');
      else if (this.draining || this.heldFrames.length > 0) this.hold(data, listener);
      else listener(data.toString());
    });
  }

  ping(): void {
    this.isAlive = false;
    this.ws.ping();
  }

  close(code: number, reason: string): void {
    this.ws.close(code, reason);
    // Otherwise the client's part of the closing handshake is not read.
    this.ws.resume();
    this.end(code, reason);
  }

  terminate(): void {
    this.ws.terminate();
  }

  private startDraining(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    const stopWatching = watchProgress(this.request.socket, DRAIN_TIMEOUT_MS, () => this.close(CLOSE_CODES.tryAgainLater, 'Too slow'));
    this.draining = promise;
    this.ws.pause();
    this.endDraining = () => {
      if (this.draining !== promise) return;
      this.draining = null;
      stopWatching();
      if (this.heldFrames.length === 0) this.ws.resume();
      resolve();
    };
    return this.endDraining;
  }

  private hold(frame: Buffer, listener: (text: string) => void): void {
    this.heldFrames.push(frame);
    if (this.heldFrames.length === 1) void this.releaseHeldFrames(listener);
  }

  private async releaseHeldFrames(listener: (text: string) => void): Promise<void> {
    while (this.heldFrames.length > 0) {
      await this.drained();
      await nextTurn();
      if (this.hasEnded) return;
      if (this.draining) continue;
      listener(String(this.heldFrames[0]));
      this.heldFrames.shift();
    }
    if (!this.draining) this.ws.resume();
  }

  private end(code: number, reason: string): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    this.heldFrames.length = 0;
    this.endDraining();
    this.onEnd(code, reason);
  }
}
