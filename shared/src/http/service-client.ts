import { Pool } from 'undici';
import { currentContext } from '../observability/work-context.js';
import type { RequestToken, ServiceName } from '../contracts/index.js';
import { AppError, fromProblem } from '../errors/index.js';
import { anyAddress } from './any-address.js';

/** Where a service is, and how it is called. */
export interface ServiceClientOptions {
  baseUrl: string;
  /** The receiver of tokens, and the first part of error codes: `<serviceName>/unavailable`. */
  serviceName: ServiceName;
  timeoutMs?: number;
  /** The largest number of connections; 32 by default. */
  connections?: number;
  /** A larger answer is an error; 8 MiB by default. */
  maxResponseBytes?: number;
}

/** One call of a service. */
export interface ServiceRequest {
  method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /** The path from the root, with encoded segments; see `pathOf`. */
  path: string;
  query?: Record<string, string | number | boolean | null | undefined>;
  body?: unknown;
  token?: RequestToken | undefined;
  /** Further headers, with names in lower case. */
  headers?: Record<string, string> | undefined;
  timeoutMs?: number;
}

/**
 * Calls another service over keep-alive connections, to all instances that its name has. Every call has a deadline (3 s by default), which includes waiting for a connection.
 * A problem+json answer rejects with the AppError that it was made of; no answer rejects with `<service>/unavailable`. A GET whose connection
 * broke is repeated once; other methods are not, because the service may have done the work already.
 */
export class ServiceClient {
  readonly #pool: Pool;
  readonly #basePath: string;
  readonly #serviceName: ServiceName;
  readonly #timeoutMs: number;

  constructor({ baseUrl, serviceName, timeoutMs = 3000, connections = 32, maxResponseBytes = 8 * 1024 * 1024 }: ServiceClientOptions) {
    const url = new URL(baseUrl);
    this.#basePath = url.pathname.replace(/\/+$/, '');
    this.#serviceName = serviceName;
    this.#timeoutMs = timeoutMs;
    this.#pool = new Pool(url.origin, {
      connections,
      pipelining: 1,
      connect: { timeout: Math.min(timeoutMs, 2000), lookup: anyAddress() },
      keepAliveTimeout: 4000,
      keepAliveMaxTimeout: 60_000,
      // The deadline of each call ends it; these timers would only cost time.
      headersTimeout: 0,
      bodyTimeout: 0,
      maxResponseSize: maxResponseBytes,
    });
  }

  async request<T>(request: ServiceRequest): Promise<T> {
    const timeoutMs = request.timeoutMs ?? this.#timeoutMs;
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(), timeoutMs);
    try {
      try {
        return await this.#send<T>(request, deadline.signal);
      } catch (error) {
        if (request.method !== 'GET' || deadline.signal.aborted || !isBrokenConnection(error)) throw error;
        return await this.#send<T>(request, deadline.signal);
      }
    } catch (error) {
      if (error instanceof AppError) throw error;
      const reason = deadline.signal.aborted ? new Error(`no answer within ${timeoutMs} ms`, { cause: error }) : error;
      throw this.#unavailable(reason);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Finishes the open calls, then closes the connections. */
  close(): Promise<void> {
    return this.#pool.close();
  }

  async #send<T>({ method, path, query, body, token, headers: more }: ServiceRequest, signal: AbortSignal): Promise<T> {
    const headers: Record<string, string> = { ...more, accept: 'application/json' };
    if (token !== undefined) headers.authorization = `Bearer ${typeof token === 'string' ? token : token(this.#serviceName)}`;
    if (body !== undefined) headers['content-type'] = 'application/json';
    const context = currentContext();
    if (context) {
      headers['x-correlation-id'] = context.correlationId;
      if (context.traceparent !== undefined) headers.traceparent = context.traceparent;
    }
    const answer = await this.#pool.request({
      method,
      path: this.#basePath + path + (query ? queryString(query) : ''),
      headers,
      body: body === undefined ? null : JSON.stringify(body),
      signal,
    });
    const text = await answer.body.text();
    const status = answer.statusCode;
    if (status >= 200 && status < 300) {
      if (text === '') return undefined as T;
      try {
        return JSON.parse(text) as T;
      } catch (error) {
        throw new AppError('internal', `${this.#serviceName}/unreadable-answer`, 'Something went wrong on our side.', { cause: error });
      }
    }
    const problem = parseProblem(text);
    if (problem === undefined && status >= 502 && status <= 504) throw this.#unavailable(new Error(`${method} ${path} answered ${status}`));
    throw fromProblem(problem, status);
  }

  #unavailable(cause: unknown): AppError {
    const message = 'A part of the system does not answer right now. Try again in a moment.';
    return new AppError('unavailable', `${this.#serviceName}/unavailable`, message, { cause });
  }
}

/** A path of segments that may contain any character: `pathOf('profiles', userId)`. */
export function pathOf(...segments: string[]): string {
  return segments.map((segment) => `/${encodeURIComponent(segment)}`).join('');
}

function queryString(query: Record<string, string | number | boolean | null | undefined>): string {
  let text = '';
  for (const name in query) {
    const value = query[name];
    if (value === undefined || value === null) continue;
    text += `${text === '' ? '?' : '&'}${encodeURIComponent(name)}=${encodeURIComponent(value)}`;
  }
  return text;
}

function parseProblem(text: string): unknown {
  try {
    const body: unknown = JSON.parse(text);
    return typeof (body as { code?: unknown } | null)?.code === 'string' ? body : undefined;
  } catch {
    return undefined;
  }
}

function isBrokenConnection(error: unknown): boolean {
  const { code } = error as { code?: string };
  return code === 'UND_ERR_SOCKET' || code === 'ECONNRESET' || code === 'EPIPE';
}
