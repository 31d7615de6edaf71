import { Server as RpcTransport, type CustomTransportStrategy } from '@nestjs/microservices';
import { createServer, type Server, type Socket } from 'node:net';
import { isObservable, lastValueFrom } from 'rxjs';
import { waitAtMost } from '../async/index.js';
import { newId } from '../database/new-id.js';
import { AppError } from '../errors/index.js';
import { checkBodyShape } from '../http/index.js';
import { atMostEvery, type Log, runInContext, validCorrelationId, validTraceparent } from '../observability/index.js';
import { GOAWAY_MS, RpcConnection } from './rpc-connection.js';
import { RpcContext } from './rpc-context.js';
import { encodeError, parseRequest, PING, type RpcRequest, type RpcResponse } from './rpc-protocol.js';

export interface RpcServerOptions {
  host: string;
  /** 0: any free port. */
  port: number;
  /** Requests that are processed at once; more are rejected as `unavailable`. */
  maxInFlight?: number;
  /** Connections that are open at once; more are closed. A gateway has one. 256 by default. */
  maxConnections?: number;
  /** A connection is closed unless the token of one of its requests was accepted within this time; 10 s by default. */
  authenticateWithinMs?: number;
  logger: Log;
}

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
  /** About connections, which a stranger can open in any number. */
  readonly #warn: (details: object, message: string) => void;
  readonly #server: Server;
  readonly #connections = new Set<RpcConnection>();
  #inFlight = 0;
  #closing = false;
  #onIdle: (() => void) | undefined;
  /** The connections whose client has not ended its side. */
  readonly #sending = new Set<RpcConnection>();
  #onAllEnded: (() => void) | undefined;

  constructor(options: RpcServerOptions) {
    super();
    this.#options = options;
    this.#maxInFlight = options.maxInFlight ?? 10_000;
    this.#warn = atMostEvery(1000, (details, message) => options.logger.warn(details, message));
    this.#server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: 10_000, allowHalfOpen: true }, (socket) => {
      if (this.#closing) socket.destroy();
      else this.#accept(socket);
    });
    const maxConnections = (this.#server.maxConnections = options.maxConnections ?? 256);
    this.#server.on('drop', (peer) => this.#warn({ peer: peer?.remoteAddress, maxConnections }, 'too many RPC connections; closed'));
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
    for (const connection of this.#connections) connection.goAway();
    if (this.#sending.size > 0) await waitAtMost(GOAWAY_MS, new Promise<void>((resolve) => (this.#onAllEnded = resolve)));
    if (this.#inFlight > 0) await new Promise<void>((resolve) => (this.#onIdle = resolve));
    for (const connection of this.#connections) connection.end();
    await closed;
  }

  #noMoreRequests(connection: RpcConnection): void {
    this.#sending.delete(connection);
    if (this.#sending.size === 0) this.#onAllEnded?.();
  }

  override on(): never {
    throw new Error('RpcServer has no events of its own; use unwrap() for those of net.Server');
  }

  override unwrap<T = Server>(): T {
    return this.#server as T;
  }

  #accept(socket: Socket): void {
    const { authenticateWithinMs = 10_000 } = this.#options;
    const events = {
      onLine: (line: string, from: RpcConnection) => this.#receive(line, from),
      onEnded: (ended: RpcConnection) => this.#noMoreRequests(ended),
      onClosed: (closed: RpcConnection) => {
        this.#connections.delete(closed);
        this.#noMoreRequests(closed);
      },
    };
    const connection = new RpcConnection(socket, events, { authenticateWithinMs, warn: this.#warn });
    this.#connections.add(connection);
    this.#sending.add(connection);
  }

  #receive(line: string, connection: RpcConnection): void {
    const request = parseRequest(line);
    if (!request) return connection.reject('RPC request is not readable; connection closed');
    if (request.pattern === PING) return connection.respond({ id: request.id, result: null });
    if (connection.isLeaving) return connection.respond({ id: request.id, notStarted: true });
    void this.#respond(request, connection);
  }

  async #respond(request: RpcRequest, connection: RpcConnection): Promise<void> {
    this.#inFlight++;
    await connection.respondWith(this.#responseTo(request, connection));
    this.#inFlight--;
    if (this.#inFlight === 0) this.#onIdle?.();
  }

  async #responseTo(request: RpcRequest, connection: RpcConnection): Promise<RpcResponse> {
    const { id, pattern } = request;
    try {
      return { id, result: (await this.#handle(request, connection)) ?? null };
    } catch (error) {
      const encoded = encodeError(error);
      if (encoded.kind === 'internal') this.#options.logger.error({ error, pattern }, 'RPC request failed');
      return { id, error: encoded };
    }
  }

  async #handle({ pattern, data, token, correlationId, traceparent }: RpcRequest, connection: RpcConnection): Promise<unknown> {
    if (this.#inFlight > this.#maxInFlight)
      throw new AppError('unavailable', 'rpc/overloaded', 'The service cannot take more right now. Try again in a moment.');
    const handler = this.messageHandlers.get(pattern);
    // `@EventPattern` methods of the same service belong to its event transport.
    if (!handler || handler.isEventHandler) throw new AppError('not-found', 'rpc/unknown-pattern', 'There is no such pattern.');
    checkBodyShape(data);
    const work = { correlationId: validCorrelationId(correlationId) ?? newId(), traceparent: validTraceparent(traceparent) };
    const context = new RpcContext(token ?? null, () => connection.authenticated());
    return runInContext(work, async () => {
      const result: unknown = await handler(data, context);
      return isObservable(result) ? await lastValueFrom(result, { defaultValue: null }) : result;
    });
  }
}
