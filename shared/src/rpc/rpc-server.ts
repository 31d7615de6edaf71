import { Server as RpcTransport, type CustomTransportStrategy } from '@nestjs/microservices';
import { createServer, type Server, type Socket } from 'node:net';
import { isObservable, lastValueFrom } from 'rxjs';
import { waitAtMost } from '../async/index.js';
import { newId } from '../database/new-id.js';
import { AppError } from '../errors/index.js';
import { checkBodyShape } from '../http/index.js';
import { type Log, runInContext } from '../observability/index.js';
import { LineReader, LineWriter, MAX_LINE_BYTES } from './json-lines.js';
import { RpcContext } from './rpc-context.js';
import { encodeError, encodeResponse, GOAWAY_ID, parseRequest, PING, type RpcRequest, type RpcResponse } from './rpc-protocol.js';

export interface RpcServerOptions {
  host: string;
  /** 0: any free port. */
  port: number;
  /** Requests that are processed at once; more are rejected as `unavailable`. */
  maxInFlight?: number;
  logger: Log;
}

/** The longest time for which a closing server waits for clients that have not answered GOAWAY with the end of their side. */
const GOAWAY_MS = 1000;

/**
 * A Nest transport: `@MessagePattern` handlers answer requests that come as lines of JSON over persistent connections. Guards, pipes and
 * filters apply; each handler runs in the work context (correlation id, traceparent) of its request. Handlers start in the order in which the
 * requests of a connection arrive, and responses are sent in the order in which they are ready.
 *
 * `close` is graceful: no new request is started, and those in flight are finished and answered. GOAWAY tells clients to keep further requests
 * for the next connection; a client answers it by ending its side, after everything that it has written.
 */
export class RpcServer extends RpcTransport implements CustomTransportStrategy {
  readonly #options: RpcServerOptions;
  readonly #maxInFlight: number;
  readonly #server: Server;
  readonly #connections = new Map<Socket, LineWriter>();
  #inFlight = 0;
  #closing = false;
  #onIdle: (() => void) | undefined;
  /** The connections whose client has not ended its side. */
  readonly #sending = new Set<Socket>();
  #onAllEnded: (() => void) | undefined;

  constructor(options: RpcServerOptions) {
    super();
    this.#options = options;
    this.#maxInFlight = options.maxInFlight ?? 10_000;
    this.#server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: 10_000, allowHalfOpen: true }, (socket) =>
      this.#accept(socket),
    );
  }

  /** Calls back once connections are accepted. */
  listen(callback: (error?: unknown) => void): void {
    this.#server.once('error', callback);
    this.#server.listen(this.#options.port, this.#options.host, () => {
      this.#server.off('error', callback);
      this.#server.on('error', (error) => this.#options.logger.error({ error }, 'RPC server failed'));
      callback();
    });
  }

  async close(): Promise<void> {
    if (this.#closing) return;
    this.#closing = true;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const writer of this.#connections.values()) writer.write(JSON.stringify({ id: GOAWAY_ID, notStarted: true }));
    if (this.#sending.size > 0) await waitAtMost(GOAWAY_MS, new Promise<void>((resolve) => (this.#onAllEnded = resolve)));
    if (this.#inFlight > 0) await new Promise<void>((resolve) => (this.#onIdle = resolve));
    for (const [socket, writer] of this.#connections) {
      writer.flush();
      // `end` sends what is written; the connection of a peer that does not read it is destroyed.
      socket.end(() => socket.destroy());
      setTimeout(() => socket.destroy(), 1000).unref();
    }
    await closed;
  }

  #noMoreRequests(socket: Socket): void {
    this.#sending.delete(socket);
    if (this.#sending.size === 0) this.#onAllEnded?.();
  }

  override on(): never {
    throw new Error('RpcServer has no events of its own; use unwrap() for those of net.Server');
  }

  override unwrap<T = Server>(): T {
    return this.#server as T;
  }

  #accept(socket: Socket): void {
    if (this.#closing) {
      socket.destroy();
      return;
    }
    const writer = new LineWriter(socket);
    const reader = new LineReader((line) => void this.#respond(line, socket, writer));
    this.#connections.set(socket, writer);
    this.#sending.add(socket);
    socket.on('data', (chunk: Buffer) => {
      if (reader.push(chunk)) return;
      this.#options.logger.warn({ peer: socket.remoteAddress, maxLineBytes: MAX_LINE_BYTES }, 'RPC request is too long; connection closed');
      socket.destroy();
    });
    // The close event follows. A client that disconnects is not a failure of this server.
    socket.on('error', () => {});
    socket.on('end', () => {
      this.#noMoreRequests(socket);
      // A closing server still has to answer; otherwise the client has disconnected.
      if (!this.#closing) socket.end();
    });
    socket.on('close', () => {
      this.#connections.delete(socket);
      this.#noMoreRequests(socket);
    });
  }

  async #respond(line: string, socket: Socket, writer: LineWriter): Promise<void> {
    const request = parseRequest(line);
    if (!request) {
      this.#options.logger.warn({ peer: socket.remoteAddress }, 'RPC request is not readable; connection closed');
      socket.destroy();
      return;
    }
    const { id, pattern } = request;
    if (pattern === PING) return writer.write(encodeResponse({ id, result: null }));
    if (this.#closing) return writer.write(encodeResponse({ id, notStarted: true }));
    this.#inFlight++;
    let response: RpcResponse;
    try {
      response = { id, result: (await this.#handle(request)) ?? null };
    } catch (error) {
      const encoded = encodeError(error);
      if (encoded.kind === 'internal') this.#options.logger.error({ error, pattern }, 'RPC request failed');
      response = { id, error: encoded };
    }
    writer.write(encodeResponse(response));
    this.#inFlight--;
    if (this.#inFlight === 0) this.#onIdle?.();
  }

  async #handle({ pattern, data, token, correlationId, traceparent }: RpcRequest): Promise<unknown> {
    if (this.#inFlight > this.#maxInFlight)
      throw new AppError('unavailable', 'rpc/overloaded', 'The service cannot take more right now. Try again in a moment.');
    const handler = this.messageHandlers.get(pattern);
    // `@EventPattern` methods of the same service belong to its event transport.
    if (!handler || handler.isEventHandler) throw new AppError('not-found', 'rpc/unknown-pattern', 'There is no such pattern.');
    checkBodyShape(data);
    const work = { correlationId: correlationId ?? newId(), traceparent: traceparent ?? undefined };
    return runInContext(work, async () => {
      const result: unknown = await handler(data, new RpcContext(token ?? null));
      return isObservable(result) ? await lastValueFrom(result, { defaultValue: null }) : result;
    });
  }
}
