/** A reader that does not keep up. It may come back. */
export class SlowConsumerError extends Error {}

/** Live items that wait for one reader, a bounded number of them. */
export class LiveQueue<T> {
  private waiting: T[] = [];
  private wake: (() => void) | null = null;
  private isClosed = false;
  private failure: Error | null = null;

  constructor(private readonly maxWaiting = 1000) {}

  push(item: T): void {
    if (this.isClosed || this.failure) return;
    if (this.waiting.length >= this.maxWaiting) this.failure = new SlowConsumerError('live items are not taken');
    else this.waiting.push(item);
    this.stir();
  }

  close(): void {
    this.isClosed = true;
    this.waiting = [];
    this.stir();
  }

  async *items(): AsyncGenerator<T, void> {
    while (!this.isClosed) {
      if (this.failure) throw this.failure;
      const item = this.waiting.shift();
      if (item !== undefined) yield item;
      else await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }

  private stir(): void {
    this.wake?.();
    this.wake = null;
  }
}

/** A generator that can be ended while it waits: its own `return()` would wait until the next item. `close` must let it go on. */
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
