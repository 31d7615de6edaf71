import { connect, type Socket } from 'node:net';
import { currentContext } from '../observability/work-context.js';
import { AppError } from '../errors/index.js';
import { CoalescingWriter } from './coalescing-writer.js';
import { LineReader, MAX_LINE_BYTES } from './line-reader.js';
import { CLOSING_NOTICE_ID, decodeError, type RpcAnswer } from './rpc-messages.js';

export interface RpcClientOptions {
  host: string;
  port: number;
  /** For the code of errors: `<serviceName>/unavailable`. */
  serviceName: string;
  timeoutMs?: number;
}

export interface RpcCallOptions {
  token?: string | null | undefined;
  correlationId?: string | null | undefined;
  timeoutMs?: number;
}

interface OpenCall {
  resolve: (result: unknown) => void;
  reject: (error: AppError) => void;
  timer: NodeJS.Timeout;
  line: string;
  /** Written to the connection that is open now. */
  written: boolean;
}

const FIRST_RETRY_MS = 20;
const MAX_RETRY_MS = 500;
/** How long a connection on which a call was not answered may stay silent when it is asked for anything at all. */
const SIGN_OF_LIFE_WITHIN_MS = 1000;

/**
 * Calls an RpcServer over one connection that is opened at the first call and comes back by itself.
 * A call made while there is none waits for it within its deadline, and so does one that a closing server has not begun.
 * A call that was written when the connection broke is `unavailable` and not repeated, as it may have been done: its caller
 * knows whether repeating is safe. A connection that falls silent is given up.
 */
export class RpcClient {
  readonly #options: RpcClientOptions;
  readonly #calls = new Map<number, OpenCall>();
  #lastId = 0;
  #socket: Socket | undefined;
  #writer: CoalescingWriter | undefined;
  #retry: NodeJS.Timeout | undefined;
  #retryMs = FIRST_RETRY_MS;
  #signOfLife: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: RpcClientOptions) {
    this.#options = options;
  }

  call<T>(method: string, body: unknown, options: RpcCallOptions = {}): Promise<T> {
    if (this.#closed) return Promise.reject(this.#unavailable('the client is closed'));
    const id = ++this.#lastId;
    const context = currentContext();
    const line = JSON.stringify({
      id,
      method,
      body,
      token: options.token ?? null,
      correlationId: options.correlationId ?? context?.correlationId ?? null,
      traceparent: context?.traceparent ?? null,
    });
    if (line.length * 3 > MAX_LINE_BYTES && Buffer.byteLength(line) > MAX_LINE_BYTES)
      return Promise.reject(new AppError('too-large', 'rpc/call-too-large', 'The request is too large.'));
    const timeoutMs = options.timeoutMs ?? this.#options.timeoutMs ?? 3000;
    return new Promise<T>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#calls.delete(id);
        reject(this.#unavailable(`no answer within ${timeoutMs} ms`));
        if (call.written) this.#askForSignOfLife();
      }, timeoutMs);
      const call: OpenCall = { resolve: resolve as (result: unknown) => void, reject, timer, line, written: false };
      this.#calls.set(id, call);
      if (this.#writer) this.#write(call);
      else this.#connect();
    });
  }

  /** Ends open calls as `unavailable`. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
    clearTimeout(this.#signOfLife);
    this.#socket?.destroy();
    this.#failCalls(() => true, 'the client is closed');
  }

  #connect(): void {
    if (this.#socket || this.#retry || this.#closed) return;
    const socket = connect({
      host: this.#options.host,
      port: this.#options.port,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: 10_000,
    });
    this.#socket = socket;
    const reader = new LineReader((line) => this.#receive(line));
    socket.setTimeout(2000, () => socket.destroy());
    socket.on('connect', () => {
      socket.setTimeout(0);
      this.#retryMs = FIRST_RETRY_MS;
      this.#writer = new CoalescingWriter(socket);
      for (const call of this.#calls.values()) this.#write(call);
    });
    socket.on('data', (chunk: Buffer) => {
      try {
        if (reader.push(chunk)) return;
      } catch {
        // What cannot be read is handled like a broken connection.
      }
      socket.destroy();
    });
    socket.on('error', () => {});
    socket.on('end', () => socket.destroy());
    socket.on('close', () => this.#lost());
  }

  /**
   * The call may only take long. But a host that is gone does not end its connections, and until the system gives them up, a quarter of
   * an hour later, every call would go there. A server answers at once that it has no such method.
   */
  #askForSignOfLife(): void {
    const socket = this.#socket;
    if (!socket || this.#signOfLife) return;
    const heard = socket.bytesRead;
    this.#writer?.write(JSON.stringify({ id: ++this.#lastId, method: 'alive?', body: null, token: null }));
    this.#signOfLife = setTimeout(() => {
      this.#signOfLife = undefined;
      if (socket.bytesRead === heard) socket.destroy();
    }, SIGN_OF_LIFE_WITHIN_MS);
  }

  #lost(): void {
    this.#socket = undefined;
    this.#writer = undefined;
    clearTimeout(this.#signOfLife);
    this.#signOfLife = undefined;
    // What was written may have been done; what was not waits for the next connection.
    this.#failCalls((call) => call.written, 'the connection was lost');
    if (this.#closed || this.#calls.size === 0) return;
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      if (this.#calls.size > 0) this.#connect();
    }, this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, MAX_RETRY_MS);
  }

  #write(call: OpenCall): void {
    if (call.written) return;
    call.written = true;
    this.#writer!.write(call.line);
  }

  #receive(line: string): void {
    const answer = JSON.parse(line) as RpcAnswer;
    // The server is closing: no more calls on this connection, and what it has not begun waits for the next one.
    if (answer.notBegun) this.#writer = undefined;
    if (answer.id === CLOSING_NOTICE_ID) return;
    const call = this.#calls.get(answer.id);
    // An answer after the deadline: its caller was told `unavailable` already.
    if (!call) return;
    if (answer.notBegun) {
      call.written = false;
      return;
    }
    this.#calls.delete(answer.id);
    clearTimeout(call.timer);
    if (answer.error) call.reject(decodeError(answer.error));
    else call.resolve(answer.result ?? null);
  }

  #failCalls(which: (call: OpenCall) => boolean, reason: string): void {
    for (const [id, call] of this.#calls) {
      if (!which(call)) continue;
      this.#calls.delete(id);
      clearTimeout(call.timer);
      call.reject(this.#unavailable(reason));
    }
  }

  #unavailable(reason: string): AppError {
    const message = 'A part of the system does not answer right now. Try again in a moment.';
    return new AppError('unavailable', `${this.#options.serviceName}/unavailable`, message, { cause: new Error(reason) });
  }
}
