import { createClient, type Client } from 'graphql-ws';
import { WebSocket } from 'ws';

/** One subscription on a socket of its own. It ends with the socket; `ResumingStream` reconnects. */
export class Subscription<T> {
  readonly items: T[] = [];
  /** The reason, once the subscription has ended. */
  ended: string | null = null;
  readonly #client: Client;
  readonly #listeners = new Set<() => void>();
  #socket: WebSocket | null = null;

  constructor(options: {
    wsUrl: string;
    token: string | null;
    query: string;
    variables?: Record<string, unknown>;
    onItem?: (item: T) => void;
    onEnd?: (why: string) => void;
  }) {
    this.#client = createClient({
      url: options.wsUrl,
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      lazy: false,
      onNonLazyError: () => undefined,
      connectionParams: options.token ? { authorization: `Bearer ${options.token}` } : {},
      on: { connected: (socket) => void (this.#socket = socket as WebSocket) },
    });
    const end = (why: string) => {
      if (this.ended !== null) return;
      this.ended = why;
      options.onEnd?.(why);
      this.#notify();
    };
    this.#client.subscribe<Record<string, T>>(
      { query: options.query, variables: options.variables ?? {} },
      {
        next: (result) => {
          if (result.errors?.length) {
            const first = result.errors[0];
            end(`${first?.extensions?.['code']}: ${first?.message}`);
            return;
          }
          const item = Object.values(result.data ?? {})[0];
          if (item === undefined) return;
          this.items.push(item);
          options.onItem?.(item);
          this.#notify();
        },
        error: (error) => end(describe(error)),
        complete: () => end('complete'),
      },
    );
  }

  /** Resolves with the first item that matches, received before or after the call. */
  async waitFor(fits: (item: T) => boolean, what = 'an item', timeoutMs = 15_000): Promise<T> {
    await this.until(() => this.items.some(fits), what, timeoutMs);
    return this.items.find(fits) as T;
  }

  /** Resolves when the condition holds; it is checked after each item and at the end. */
  until(condition: () => boolean, what: string, timeoutMs = 15_000): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = () => {
        if (condition()) done(resolve);
        else if (this.ended !== null) done(() => reject(new Error(`the subscription ended (${this.ended}) before ${what} came`)));
      };
      const timer = setTimeout(
        () => done(() => reject(new Error(`${what} did not come within ${timeoutMs} ms; ${this.items.length} items came`))),
        timeoutMs,
      );
      const done = (then: () => void) => {
        clearTimeout(timer);
        this.#listeners.delete(look);
        then();
      };
      this.#listeners.add(look);
      look();
    });
  }

  /** Cuts the connection without a close frame, as when a phone loses its network. */
  cut(): void {
    this.#socket?.terminate();
  }

  /** Completes the subscription and closes the socket. */
  async close(): Promise<void> {
    await this.#client.dispose();
  }

  #notify(): void {
    for (const listener of this.#listeners) listener();
  }
}

function describe(error: unknown): string {
  if (Array.isArray(error)) return error.map((e) => `${e.extensions?.code}: ${e.message}`).join('; ');
  if (error && typeof error === 'object' && 'code' in error) return `${(error as any).code}: ${(error as any).reason}`;
  return error instanceof Error ? error.message : String(error);
}
