import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';

/** The time that passes before a delayed attempt. A class of its own, so that tests need not wait. */
@Injectable()
export class AttemptDelay implements OnApplicationShutdown {
  readonly #stopping = new AbortController();

  onApplicationShutdown(): void {
    this.#stopping.abort();
  }

  /** Resolves after this time, or when the service stops: that makes guessing faster only once per start. */
  async wait(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
  }
}
