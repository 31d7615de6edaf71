import { eventually } from '@chat/shared/testing';
import { ResumingStream, type StreamItem } from '@chat/testkit/event-stream';
import type { TestUser } from '@chat/testkit/user';
import { type ClientEvent, type ClientState, conversationOf } from './client-state.ts';
import { EVENTS } from './snapshot.ts';

/** A user with one `events` stream that reconnects, and the states that its events keep up to date. */
export class Client {
  readonly #states = new Map<string, ClientState[]>();
  /** Events of conversations whose id the history does not know yet: they may come before the answer of the mutation. */
  readonly #early = new Map<string, ClientEvent[]>();
  readonly #stream: ResumingStream;

  readonly user: TestUser;

  constructor(user: TestUser) {
    this.user = user;
    this.#stream = new ResumingStream({
      wsUrl: user.wsUrl,
      token: () => user.accessToken,
      query: EVENTS,
      onItem: (item) => this.#receive(item),
    });
  }

  /** Resolves when the stream is open. */
  opened(): Promise<void> {
    return eventually(() => {
      if (this.#stream.opened === 0) throw new Error('the stream is not open');
    });
  }

  /** How often missed events could not be replayed. */
  get unrecovered(): number {
    return this.#stream.unrecovered;
  }

  /** Keeps these states of a conversation up to date, from its first event on. */
  follow(conversationId: string, states: ClientState[]): void {
    this.#states.set(conversationId, states);
    for (const event of this.#early.get(conversationId) ?? []) for (const state of states) state.apply(event);
    this.#early.delete(conversationId);
  }

  unfollow(conversationId: string): void {
    this.#states.set(conversationId, []);
  }

  /** Cuts the connection; the stream continues from its cursor. */
  cut(): void {
    this.#stream.cut();
  }

  close(): Promise<void> {
    return this.#stream.close();
  }

  #receive(item: StreamItem): void {
    this.#stream.items.length = 0;
    const event = item as unknown as ClientEvent;
    const conversationId = conversationOf(event);
    if (conversationId === undefined) return;
    const states = this.#states.get(conversationId);
    if (states) for (const state of states) state.apply(event);
    else this.#early.set(conversationId, [...(this.#early.get(conversationId) ?? []), event]);
  }
}
