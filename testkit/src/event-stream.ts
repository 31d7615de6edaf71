import { Subscription } from './subscription.ts';

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

/** The `events` stream of a client that reconnects with its cursor whenever the socket is closed. */
export class ResumingStream {
  readonly items: StreamItem[] = [];
  /** How often the stream was opened. */
  opened = 0;
  /** How often the server answered `recovered: false`. */
  unrecovered = 0;
  readonly #wsUrl: string;
  readonly #token: () => string;
  readonly #query: string;
  readonly #onItem: ((item: StreamItem) => void) | undefined;
  #current: Subscription<StreamItem> | null = null;
  #cursor: string | undefined;
  #closed = false;

  /** `query`: another selection than EVENTS_SUBSCRIPTION, with `cursor` and `recovered`. */
  constructor(options: { wsUrl: string; token: () => string; query?: string; after?: string; onItem?: (item: StreamItem) => void }) {
    this.#wsUrl = options.wsUrl;
    this.#token = options.token;
    this.#query = options.query ?? EVENTS_SUBSCRIPTION;
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
      query: this.#query,
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
