import { eventually } from '@chat/shared/testing';
import type { Client } from 'graphql-ws';

export const EVENT_FIELDS = `__typename cursor
  ... on StreamOpened { recovered }
  ... on MessageCreated { message { id conversationId seq content } }
  ... on ReceiptsAdvanced { conversationId userId lastReadSeq }
  ... on ConversationCreated { conversation { id participants } }`;

/** The items and the end of one GraphQL subscription. */
export class Subscription {
  readonly items: any[] = [];
  readonly errors: any[] = [];
  /** How it ended: `complete`, an error code, or the close code of the socket. */
  ended: string | null = null;

  constructor(
    readonly client: Client,
    query: string,
    variables: Record<string, unknown>,
  ) {
    client.subscribe(
      { query, variables },
      {
        next: ({ data, errors }) => {
          if (errors) this.errors.push(...errors);
          if (data) this.items.push(Object.values(data)[0]);
          else this.ended = errors?.map((e) => String(e.extensions?.code)).join() ?? 'no data';
        },
        error: (error: any) => (this.ended = Array.isArray(error) ? error.map((e) => e.extensions?.code).join() : String(error.code)),
        complete: () => (this.ended ??= 'complete'),
      },
    );
  }

  get cursor(): string {
    return this.items.at(-1).cursor;
  }

  /** Waits for `count` items and returns all items. */
  async count(count: number): Promise<any[]> {
    await eventually(() => {
      if (this.items.length < count) throw new Error(`${this.items.length} of ${count} items; ended: ${this.ended}`);
    });
    return this.items;
  }

  async end(): Promise<string> {
    return eventually(() => {
      if (this.ended === null) throw new Error('not ended');
      return this.ended;
    });
  }

  /** The contents of the received messages. */
  get contents(): string[] {
    return this.items.flatMap((item) => item.message?.content ?? []);
  }
}
