import { createClient, type Client } from 'graphql-ws';
import { WebSocket } from 'ws';

/** One item of the `events` subscription, as selected below. */
export interface StreamItem {
  __typename: string;
  cursor: string;
  recovered?: boolean;
  message?: { id: string; conversationId: string; seq: number; senderId: string; content: string; clientMessageId: string | null };
  conversation?: { id: string; participants: string[] };
  conversationId?: string;
  userId?: string;
  lastReadSeq?: number;
  lastDeliveredSeq?: number;
}

export const EVENTS_SUBSCRIPTION = /* GraphQL */ `
  subscription Events($after: String) {
    events(after: $after) {
      __typename
      cursor
      ... on StreamOpened {
        recovered
      }
      ... on MessageCreated {
        message {
          id
          conversationId
          seq
          senderId
          content
          clientMessageId
        }
      }
      ... on ConversationCreated {
        conversation {
          id
          participants
        }
      }
      ... on ReceiptsAdvanced {
        conversationId
        userId
        lastReadSeq
        lastDeliveredSeq
      }
    }
  }
`;

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

/** The `events` stream of a client that reconnects with its cursor whenever the socket is closed. */
export class ResumingStream {
  readonly items: StreamItem[] = [];
  /** How often the stream was opened. */
  opened = 0;
  /** How often the server answered `recovered: false`. */
  unrecovered = 0;
  readonly #wsUrl: string;
  readonly #token: () => string;
  readonly #onItem: ((item: StreamItem) => void) | undefined;
  #current: Subscription<StreamItem> | null = null;
  #cursor: string | undefined;
  #closed = false;

  constructor(options: { wsUrl: string; token: () => string; after?: string; onItem?: (item: StreamItem) => void }) {
    this.#wsUrl = options.wsUrl;
    this.#token = options.token;
    this.#cursor = options.after;
    this.#onItem = options.onItem;
    this.#open();
  }

  get cursor(): string | undefined {
    return this.#cursor;
  }

  /** Cuts the connection of the current socket; the stream reconnects. */
  cut(): void {
    this.#current?.cut();
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#current?.close();
  }

  #open(): void {
    if (this.#closed) return;
    this.#current = new Subscription<StreamItem>({
      wsUrl: this.#wsUrl,
      token: this.#token(),
      query: EVENTS_SUBSCRIPTION,
      variables: this.#cursor === undefined ? {} : { after: this.#cursor },
      onItem: (item) => {
        this.#cursor = item.cursor;
        if (item.__typename === 'StreamOpened') {
          this.opened += 1;
          if (item.recovered === false) this.unrecovered += 1;
        }
        this.items.push(item);
        this.#onItem?.(item);
      },
      onEnd: () => void setTimeout(() => this.#open(), 200),
    });
  }
}
