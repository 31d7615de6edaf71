import { LRUCache } from 'lru-cache';

/** Which conversation two people have, as far as this process knows. They never get another one, so nothing here grows old. */
export class DirectConversationIds {
  readonly #ids = new LRUCache<string, string>({ max: 50_000 });

  get(oneId: string, otherId: string): string | undefined {
    return this.#ids.get(pairOf(oneId, otherId));
  }

  set(oneId: string, otherId: string, conversationId: string): void {
    this.#ids.set(pairOf(oneId, otherId), conversationId);
  }
}

const pairOf = (oneId: string, otherId: string): string => (oneId < otherId ? oneId + otherId : otherId + oneId);
