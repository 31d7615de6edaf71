import { BoundedQueue, type ByteBudget } from './bounded-queue.js';

/** The client does not read fast enough. It is disconnected, and can connect again. */
export class SlowConsumerError extends Error {}

const BOUNDS = { items: 1000, characters: 128 * 1024 };

/** A bounded queue of the live items of one subscription. When it is full, or its socket has no bytes left for it, the subscription fails. */
export class LiveQueue<T> {
  private readonly queue: BoundedQueue<T>;
  private wakeReader: (() => void) | null = null;
  private isClosed = false;
  private failure: Error | null = null;

  constructor(budget: ByteBudget) {
    this.queue = new BoundedQueue(BOUNDS, budget);
  }

  /** `characters`: the length of the text of the item, if that can be large. */
  push(item: T, characters = 0): void {
    if (this.isClosed || this.failure) return;
    if (!this.queue.push(item, characters)) {
      this.failure = new SlowConsumerError('the live items of a subscription are not consumed');
      this.queue.clear();
    }
    this.wake();
  }

  close(): void {
    this.isClosed = true;
    this.queue.clear();
    this.wake();
  }

  async *items(): AsyncGenerator<T, void> {
    while (!this.isClosed) {
      if (this.failure) throw this.failure;
      const item = this.queue.shift();
      if (item !== undefined) yield item;
      else await new Promise<void>((resolve) => (this.wakeReader = resolve));
    }
  }

  private wake(): void {
    this.wakeReader?.();
    this.wakeReader = null;
  }
}

/** A generator that can be ended while it waits; the `return()` of a generator waits for its next item. `close` must wake the source. */
export function closable<T>(source: AsyncGenerator<T, void>, close: () => void): AsyncGenerator<T, void> {
  return {
    next: () => source.next(),
    return: () => {
      close();
      return source.return();
    },
    throw: (error: unknown) => {
      close();
      return source.throw(error);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
    async [Symbol.asyncDispose]() {
      close();
      await source.return();
    },
  };
}
