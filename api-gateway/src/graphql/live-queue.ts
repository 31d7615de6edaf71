/** The client does not read fast enough. It is disconnected, and can connect again. */
export class SlowConsumerError extends Error {}

const MAX_QUEUED = 1000;
const MAX_QUEUED_CHARACTERS = 256 * 1024;

/** A bounded queue of the live items of one subscription. Above its bounds the subscription fails. */
export class LiveQueue<T> {
  private queue: { item: T; characters: number }[] = [];
  private queuedCharacters = 0;
  private wakeReader: (() => void) | null = null;
  private isClosed = false;
  private failure: Error | null = null;

  /** `characters`: the length of the text of the item, if that can be large. */
  push(item: T, characters = 0): void {
    if (this.isClosed || this.failure) return;
    const isFull = this.queue.length >= MAX_QUEUED || this.queuedCharacters >= MAX_QUEUED_CHARACTERS;
    if (isFull) {
      this.failure = new SlowConsumerError('the live items of a subscription are not consumed');
      this.queue = [];
    } else {
      this.queue.push({ item, characters });
      this.queuedCharacters += characters;
    }
    this.wake();
  }

  close(): void {
    this.isClosed = true;
    this.queue = [];
    this.wake();
  }

  async *items(): AsyncGenerator<T, void> {
    while (!this.isClosed) {
      if (this.failure) throw this.failure;
      const next = this.queue.shift();
      if (next) {
        this.queuedCharacters -= next.characters;
        yield next.item;
      } else await new Promise<void>((resolve) => (this.wakeReader = resolve));
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
