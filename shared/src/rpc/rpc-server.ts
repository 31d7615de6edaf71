import { setTimeout as sleep } from 'node:timers/promises';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { runInContext } from '../observability/work-context.js';
import type { Log } from '../observability/logger.js';
import { newId } from '../database/new-id.js';
import { AppError } from '../errors/index.js';
import { CoalescingWriter } from './coalescing-writer.js';
import { LineReader, MAX_LINE_BYTES } from './line-reader.js';
import { CLOSING_NOTICE_ID, encodeError, type RpcAnswer, type RpcRequest } from './rpc-messages.js';

export interface RpcCaller {
  token: string | null;
  correlationId: string | null;
}

export type RpcHandler = (body: unknown, caller: RpcCaller) => Promise<unknown>;

export interface RpcServerOptions {
  host: string;
  /** 0: any free port. */
  port: number;
  handlers: Record<string, RpcHandler>;
  /** Calls worked on at once; more are refused as `unavailable`. */
  maxInFlight?: number;
  logger: Log;
}

/** What clients wrote before they read the closing notice arrives within this time. */
const CLOSING_NOTICE_MS = 25;

/**
 * Answers calls that come as lines of JSON over connections that stay open; answers go out in the order they are ready.
 * `close` is graceful: nothing new is begun, what is in flight is finished and answered, and clients are told, so that they
 * keep further calls for the next connection.
 */
export class RpcServer {
  readonly #options: RpcServerOptions;
  readonly #handlers: Map<string, RpcHandler>;
  readonly #maxInFlight: number;
  readonly #server: Server;
  readonly #connections = new Map<Socket, CoalescingWriter>();
  #inFlight = 0;
  #closing = false;
  #onIdle: (() => void) | undefined;

  constructor(options: RpcServerOptions) {
    this.#options = options;
    this.#handlers = new Map(Object.entries(options.handlers));
    this.#maxInFlight = options.maxInFlight ?? 10_000;
    this.#server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: 10_000 }, (socket) => this.#accept(socket));
  }

  /** Resolves with the port once connections are taken. */
  async listen(): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#options.port, this.#options.host, () => {
        this.#server.off('error', reject);
        this.#server.on('error', (error) => this.#options.logger.error({ error }, 'the send port failed'));
        resolve();
      });
    });
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    if (this.#closing) return;
    this.#closing = true;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const writer of this.#connections.values()) writer.write(JSON.stringify({ id: CLOSING_NOTICE_ID, notBegun: true }));
    await sleep(CLOSING_NOTICE_MS);
    if (this.#inFlight > 0) await new Promise<void>((resolve) => (this.#onIdle = resolve));
    for (const [socket, writer] of this.#connections) {
      writer.flush();
      // `end` sends what is written; a peer that does not read it is cut off.
      socket.end(() => socket.destroy());
      setTimeout(() => socket.destroy(), 1000).unref();
    }
    await closed;
  }

  #accept(socket: Socket): void {
    if (this.#closing) {
      socket.destroy();
      return;
    }
    const writer = new CoalescingWriter(socket);
    const reader = new LineReader((line) => void this.#handle(line, socket, writer));
    this.#connections.set(socket, writer);
    socket.on('data', (chunk: Buffer) => {
      if (reader.push(chunk)) return;
      this.#options.logger.warn({ peer: socket.remoteAddress, maxLineBytes: MAX_LINE_BYTES }, 'a call was too long; connection closed');
      socket.destroy();
    });
    // The close event follows; a client that went away is no failure of ours.
    socket.on('error', () => {});
    socket.on('close', () => this.#connections.delete(socket));
  }

  async #handle(line: string, socket: Socket, writer: CoalescingWriter): Promise<void> {
    let request: RpcRequest;
    try {
      request = JSON.parse(line) as RpcRequest;
      if (typeof request.id !== 'number' || typeof request.method !== 'string') throw new Error('no id or method');
    } catch {
      this.#options.logger.warn({ peer: socket.remoteAddress }, 'a call could not be read; connection closed');
      socket.destroy();
      return;
    }
    const { id } = request;
    if (this.#closing) {
      writer.write(JSON.stringify({ id, notBegun: true }));
      return;
    }
    this.#inFlight++;
    let answer: RpcAnswer;
    try {
      answer = { id, result: (await this.#call(request)) ?? null };
    } catch (error) {
      const encoded = encodeError(error);
      if (encoded.kind === 'internal') this.#options.logger.error({ error, method: request.method }, 'call failed');
      answer = { id, error: encoded };
    }
    writer.write(encodeAnswer(answer));
    this.#inFlight--;
    if (this.#inFlight === 0) this.#onIdle?.();
  }

  async #call({ method, body, token, correlationId, traceparent }: RpcRequest): Promise<unknown> {
    if (this.#inFlight > this.#maxInFlight)
      throw new AppError('unavailable', 'rpc/overloaded', 'The service cannot take more right now. Try again in a moment.');
    const handler = this.#handlers.get(method);
    if (!handler) throw new AppError('not-found', 'rpc/unknown-method', 'There is no such method.');
    const context = { correlationId: correlationId ?? newId(), traceparent: traceparent ?? undefined };
    return runInContext(context, () => handler(body, { token: token ?? null, correlationId: correlationId ?? null }));
  }
}

function encodeAnswer(answer: RpcAnswer): string {
  const text = JSON.stringify(answer);
  if (text.length * 3 <= MAX_LINE_BYTES || Buffer.byteLength(text) <= MAX_LINE_BYTES) return text;
  return JSON.stringify({
    id: answer.id,
    error: encodeError(new AppError('too-large', 'rpc/answer-too-large', 'The answer is too large.')),
  });
}
