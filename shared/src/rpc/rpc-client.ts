import { ClientProxy, type ReadPacket, type WritePacket } from '@nestjs/microservices';
import { connect, type Socket } from 'node:net';
import { backoffMs } from '../async/index.js';
import type { RequestToken, ServiceName } from '../contracts/index.js';
import { AppError } from '../errors/index.js';
import { anyAddress } from '../http/index.js';
import { currentContext } from '../observability/index.js';
import { fitsInLine, LineReader, LineWriter } from './json-lines.js';
import { decodeError, GOAWAY_ID, PING, type RpcRequest, type RpcResponse } from './rpc-protocol.js';

export interface RpcClientOptions {
  host: string;
  port: number;
  /** The receiver of tokens, and the first part of error codes: `<serviceName>/unavailable`. */
  serviceName: ServiceName;
  timeoutMs?: number;
}

export interface RpcRecordOptions {
  token?: RequestToken | null | undefined;
  correlationId?: string | null | undefined;
  timeoutMs?: number;
}

/** A request with options: `client.send(pattern, new RpcRecord(data, { token }))`. */
export class RpcRecord<Data = unknown> {
  constructor(
    readonly data: Data,
    readonly options: RpcRecordOptions = {},
  ) {}
}

interface OpenRequest {
  callback: (packet: WritePacket) => void;
  deadline: NodeJS.Timeout;
  line: string;
  /** Written to the connection that is open now. */
  written: boolean;
}

const DEFAULT_TIMEOUT_MS = 3000;
const CONNECT_TIMEOUT_MS = 2000;
const RECONNECT_BACKOFF = { firstMs: 20, maxMs: 500 };
/** A connection on which a request was not answered must answer a ping within this time. */
const PING_TIMEOUT_MS = 1000;

/**
 * The client of RpcServer, for one connection that opens with the first request and reopens by itself, to any instance that the name has. Every request has a deadline.
 * A request that is made while there is no connection waits for one within its deadline, and so does a request that a closing server has not
 * started. A request that was written when the connection broke fails as `unavailable` and is not repeated, as the server may have processed
 * it: only the calling code knows whether repeating is safe. A connection that does not answer a ping is destroyed.
 */
export class RpcClient extends ClientProxy {
  readonly #options: RpcClientOptions;
  readonly #requests = new Map<number, OpenRequest>();
  #lastId = 0;
  #socket: Socket | undefined;
  #writer: LineWriter | undefined;
  #retry: NodeJS.Timeout | undefined;
  #failedConnections = 0;
  #ping: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: RpcClientOptions) {
    super();
    this.#options = options;
  }

  /** Opens the connection, and does not wait for it: each request waits within its own deadline. */
  async connect(): Promise<void> {
    if (this.#socket || this.#retry || this.#closed) return;
    this.#open();
  }

  /** Open requests fail as `unavailable`. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
    clearTimeout(this.#ping);
    this.#socket?.destroy();
    this.#failRequests(() => true, 'the client is closed');
  }

  override unwrap<T = Socket | undefined>(): T {
    return this.#socket as T;
  }

  protected publish({ pattern, data }: ReadPacket, callback: (packet: WritePacket) => void): () => void {
    const noCleanup = (): void => {};
    if (this.#closed) return (callback({ err: this.#unavailable('the client is closed') }), noCleanup);
    const id = ++this.#lastId;
    const record = data instanceof RpcRecord ? data : new RpcRecord(data);
    const line = encodeRequest(id, pattern as string, record, this.#options.serviceName);
    if (!fitsInLine(line))
      return (callback({ err: new AppError('too-large', 'rpc/request-too-large', 'The request is too large.') }), noCleanup);
    const timeoutMs = record.options.timeoutMs ?? this.#options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    const deadline = setTimeout(() => {
      this.#requests.delete(id);
      if (request.written) this.#checkConnection();
      callback({ err: this.#unavailable(`no response within ${timeoutMs} ms`) });
    }, timeoutMs);
    const request: OpenRequest = { callback, deadline, line, written: false };
    this.#requests.set(id, request);
    if (this.#writer) this.#write(request);
    return () => {
      clearTimeout(deadline);
      this.#requests.delete(id);
    };
  }

  protected dispatchEvent(): Promise<never> {
    return Promise.reject(new Error('RpcClient sends requests only; events go through the outbox'));
  }

  #open(): void {
    const { host, port } = this.#options;
    const socket = connect({ host, port, lookup: anyAddress(), noDelay: true, keepAlive: true, keepAliveInitialDelay: 10_000 });
    this.#socket = socket;
    const reader = new LineReader((line) => this.#receive(line));
    socket.setTimeout(CONNECT_TIMEOUT_MS, () => socket.destroy());
    socket.on('connect', () => {
      socket.setTimeout(0);
      this.#failedConnections = 0;
      this.#writer = new LineWriter(socket);
      for (const request of this.#requests.values()) this.#write(request);
    });
    socket.on('data', (chunk: Buffer) => {
      try {
        if (reader.push(chunk)) return;
      } catch {
        // Bytes that are no response are handled like a broken connection.
      }
      socket.destroy();
    });
    socket.on('error', () => {});
    socket.on('end', () => socket.destroy());
    socket.on('close', () => this.#disconnected());
  }

  /**
   * The request may only take long. But a host that lost its power or network does not close its connections, and until the operating system
   * gives them up, after a quarter of an hour, every request would go there.
   */
  #checkConnection(): void {
    const socket = this.#socket;
    if (!socket || this.#ping) return;
    const bytesBefore = socket.bytesRead;
    this.#writer?.write(encodeRequest(++this.#lastId, PING, new RpcRecord(null), this.#options.serviceName));
    this.#ping = setTimeout(() => {
      this.#ping = undefined;
      if (socket.bytesRead === bytesBefore) socket.destroy();
    }, PING_TIMEOUT_MS);
  }

  #disconnected(): void {
    this.#socket = undefined;
    this.#writer = undefined;
    clearTimeout(this.#ping);
    this.#ping = undefined;
    this.#failRequests((request) => request.written, 'the connection was lost');
    if (this.#closed || this.#requests.size === 0) return;
    this.#retry = setTimeout(
      () => {
        this.#retry = undefined;
        if (this.#requests.size > 0) void this.connect();
      },
      backoffMs(this.#failedConnections++, RECONNECT_BACKOFF),
    );
  }

  #write(request: OpenRequest): void {
    if (request.written) return;
    request.written = true;
    this.#writer!.write(request.line);
  }

  #receive(line: string): void {
    const response = JSON.parse(line) as RpcResponse;
    if (response.id === GOAWAY_ID) return this.#finishWriting();
    const request = this.#requests.get(response.id);
    // Undefined for a response after the deadline: the calling code already has the error.
    if (!request) return;
    if (response.notStarted) {
      request.written = false;
      return;
    }
    this.#requests.delete(response.id);
    clearTimeout(request.deadline);
    request.callback(response.error ? { err: decodeError(response.error) } : { response: response.result ?? null, isDisposed: true });
  }

  /** The server is closing: it finishes what is written by now, and learns by the end of this side that nothing follows. */
  #finishWriting(): void {
    this.#writer?.flush();
    this.#writer = undefined;
    this.#socket?.end();
  }

  #failRequests(which: (request: OpenRequest) => boolean, reason: string): void {
    for (const [id, request] of this.#requests) {
      if (!which(request)) continue;
      this.#requests.delete(id);
      clearTimeout(request.deadline);
      request.callback({ err: this.#unavailable(reason) });
    }
  }

  #unavailable(reason: string): AppError {
    const message = 'A part of the system does not answer right now. Try again in a moment.';
    return new AppError('unavailable', `${this.#options.serviceName}/unavailable`, message, { cause: new Error(reason) });
  }
}

function encodeRequest(id: number, pattern: string, { data, options }: RpcRecord, receiver: ServiceName): string {
  const context = currentContext();
  const { token = null } = options;
  const request: RpcRequest = {
    id,
    pattern,
    data,
    token: typeof token === 'function' ? token(receiver) : token,
    correlationId: options.correlationId ?? context?.correlationId ?? null,
    traceparent: context?.traceparent ?? null,
  };
  return JSON.stringify(request);
}
