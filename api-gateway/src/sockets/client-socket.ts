import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { WebSocket } from 'ws';
import type { AuthenticatedUser } from '@chat/shared/auth';
import { HeldFrames } from './held-frames.js';
import { writeJointly } from './joint-writes.js';
import { watchProgress } from './write-progress.js';

export const CLOSE_CODES = { badRequest: 4400, forbidden: 4403, restart: 1012, tryAgainLater: 1013, internal: 1011 } as const;

/** The code of a connection that ends without a closing handshake (RFC 6455, section 7.1.5). */
const ABNORMAL_CLOSURE = 1006;
/** Bytes that may be buffered for one client, apart from the message that exceeds them. */
const HIGH_WATER_BYTES = 128 * 1024;
/** Bytes that may be held for one client, apart from its largest message. Above them, nothing is waited for. */
const MAX_HELD_BYTES = 256 * 1024;
/** Above them, no live item is queued; the rest is for messages and frames. */
const MAX_HELD_BYTES_WITH_LIVE_ITEMS = 192 * 1024;
/** Bytes of messages that a client may have sent before it knew that its socket is closed. */
const MAX_BYTES_AFTER_END = 64 * 1024;
/** How long a client may read nothing while the buffer is above it. */
const DRAIN_TIMEOUT_MS = 5000;

/**
 * One open WebSocket of one client, with bounded memory. While the buffer is full, senders wait before they write, and no frame of the client
 * is read or handled. A client that does not read is disconnected after 5 s (close code 1013) and resumes with its cursor. If more than 256 KB
 * and one message are held for it, it is cut off without a closing handshake, which would wait behind the buffer.
 */
export class ClientSocket {
  readonly connectionId = randomUUID();
  /** Set when connection_init was accepted. */
  user: AuthenticatedUser | null = null;
  /** False from a ping until its pong. */
  isAlive = true;

  private hasEnded = false;
  private bytesAfterEnd = 0;
  /** Settles when the buffer has been written out; null while there is room in it. */
  private draining: Promise<void> | null = null;
  private endDraining: () => void = () => undefined;
  private waitingBytes = 0;
  /** Of the messages that are in the buffer or wait for it. */
  private largestMessageBytes = 0;
  /** Of frames of the client and of live items that wait. */
  private reservedBytes = 0;
  private readonly heldFrames = new HeldFrames(this);

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

  /** Bytes that this process holds until the client reads them. */
  get heldBytes(): number {
    return this.ws.bufferedAmount + this.waitingBytes + this.reservedBytes;
  }

  get hasRoom(): boolean {
    return this.draining === null;
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
      this.largestMessageBytes = Math.max(this.largestMessageBytes, bytes);
      this.terminateAboveLimit();
      await this.drained();
      this.waitingBytes -= bytes;
    }
    if (this.ws.readyState !== this.ws.OPEN) return;
    writeJointly(this.request.socket);
    if (this.ws.bufferedAmount + bytes < HIGH_WATER_BYTES) return this.ws.send(text);
    this.largestMessageBytes = Math.max(this.largestMessageBytes, bytes);
    this.ws.send(text, this.startDraining());
  }

  /** Calls the listener with each text frame, in order and at most one in each turn of the event loop. */
  onText(listener: (text: string) => void): void {
    this.ws.on('message', (data: Buffer, isBinary: boolean) => {
      if (this.hasEnded) this.countAfterEnd(data.length);
      else if (isBinary) this.close(CLOSE_CODES.badRequest, 'Invalid message received');
      else if (this.draining || !this.heldFrames.isEmpty) this.heldFrames.add(data, listener);
      else listener(data.toString());
    });
  }

  /** Calls the listener when the connection has ended, which may be seconds after `close`. */
  onDisconnected(listener: () => void): void {
    this.ws.on('close', listener);
  }

  /** Reads further frames if none is waiting. */
  readOn(): void {
    if (this.hasRoom && this.heldFrames.isEmpty) this.ws.resume();
  }

  /** Counts bytes of frames that wait, until `release`. */
  hold(bytes: number): void {
    this.reservedBytes += bytes;
    this.terminateAboveLimit();
  }

  /** Counts the bytes of a live item, until `release`; false if it must not be queued. */
  reserve(bytes: number): boolean {
    if (this.heldBytes - this.largestMessageBytes + bytes > MAX_HELD_BYTES_WITH_LIVE_ITEMS) return false;
    this.reservedBytes += bytes;
    return true;
  }

  release(bytes: number): void {
    this.reservedBytes -= bytes;
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

  /** Ends the connection at once, without a closing handshake. */
  terminate(): void {
    this.ws.terminate();
    this.end(ABNORMAL_CLOSURE, '');
  }

  private startDraining(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    const stopWatching = watchProgress(this.request.socket, DRAIN_TIMEOUT_MS, () => this.close(CLOSE_CODES.tryAgainLater, 'Too slow'));
    this.draining = promise;
    this.ws.pause();
    this.endDraining = () => {
      if (this.draining !== promise) return;
      this.draining = null;
      if (this.waitingBytes === 0) this.largestMessageBytes = 0;
      stopWatching();
      this.readOn();
      resolve();
    };
    return this.endDraining;
  }

  private countAfterEnd(bytes: number): void {
    this.bytesAfterEnd += bytes;
    if (this.bytesAfterEnd > MAX_BYTES_AFTER_END) this.ws.terminate();
  }

  private terminateAboveLimit(): void {
    if (this.heldBytes - this.largestMessageBytes > MAX_HELD_BYTES) this.terminate();
  }

  private end(code: number, reason: string): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    this.heldFrames.clear();
    this.endDraining();
    this.onEnd(code, reason);
  }
}
