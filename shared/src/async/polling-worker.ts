import { type Backoff, backoffMs } from './backoff.js';

/** The time until the next round, in milliseconds; 0: there is more to do now. With `wakeable: false`, a wake-up does not shorten it. */
export type NextRound = number | { inMs: number; wakeable: boolean };

/** The work of a PollingWorker, and its times in milliseconds. */
export interface PollingWorkerOptions {
  /** One round of work. Rejected: it is repeated after the backoff. `signal` is aborted by `stop()`. */
  round(signal: AbortSignal): Promise<NextRound>;
  /** The delays after rounds that failed in a row. A wake-up does not shorten them. */
  backoff: Backoff;
  /** A round failed; `attempt` counts the failures in a row, from 0. */
  onError(error: unknown, attempt: number): void;
  /** A round succeeded after one or more that failed. */
  onRecovered?(): void;
  /** The least time from the start of one round to the start of the next (default 0): what arrives in between is one round's work. */
  paceMs?: number;
  /** The time from a wake-up to its round (default 0): what happens in between is one round's work. */
  wakeDelayMs?: number;
  /** After `stop()`: one more round, and further ones as long as they report more to do (0), within this time. Default 0: none. */
  drainMs?: number;
}

/**
 * A background loop: a round of work, a pause, the next round. It polls, and a wake-up makes it start earlier, also one during a round.
 * Rounds never overlap. A round that fails is repeated with backoff, without end. `stop()` resolves when the current round has finished.
 */
export class PollingWorker {
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;
  #wokenAt: number | null = null;
  #drainUntil = Infinity;
  #endPause: (() => void) | null = null;

  constructor(private readonly options: PollingWorkerOptions) {}

  /** Begins with the first round at once. Calling it again does nothing. */
  start(): void {
    this.#running ??= this.#run();
  }

  /** There is work to do. Cheap, however often it is called. */
  wake(): void {
    this.#wokenAt ??= performance.now();
    this.#endPause?.();
  }

  /** Starts no further round, except within `drainMs`. Resolves when the last one has finished; never rejects. */
  async stop(): Promise<void> {
    if (!this.#stop.signal.aborted) {
      this.#drainUntil = performance.now() + (this.options.drainMs ?? 0);
      this.#stop.abort();
      this.#endPause?.();
    }
    await this.#running;
  }

  async #run(): Promise<void> {
    const { options } = this;
    const { signal } = this.#stop;
    for (let failures = 0; !signal.aborted || performance.now() < this.#drainUntil;) {
      const startedAt = performance.now();
      this.#wokenAt = null;
      let next: NextRound;
      try {
        next = await options.round(signal);
        if (failures > 0) options.onRecovered?.();
        failures = 0;
      } catch (error) {
        options.onError(error, failures);
        next = { inMs: backoffMs(failures++, options.backoff), wakeable: false };
      }
      const { inMs, wakeable } = typeof next === 'number' ? { inMs: next, wakeable: true } : next;
      if (signal.aborted && inMs > 0) return;
      await this.#pauseUntil(performance.now() + inMs, wakeable);
      await this.#pauseUntil(startedAt + (options.paceMs ?? 0), false);
    }
  }

  /** Ends early at `stop()`, and, when wakeable, `wakeDelayMs` after a wake-up. */
  async #pauseUntil(plannedAt: number, wakeable: boolean): Promise<void> {
    for (;;) {
      const isWoken = wakeable && this.#wokenAt !== null;
      const until = isWoken ? Math.min(plannedAt, this.#wokenAt! + (this.options.wakeDelayMs ?? 0)) : plannedAt;
      const waitMs = until - performance.now();
      if (waitMs <= 0 || this.#stop.signal.aborted) return;
      await new Promise<void>((resolve) => {
        const timer = waitMs === Infinity ? undefined : setTimeout(resolve, waitMs);
        this.#endPause = () => {
          // A wake-up changes the plan only once, and only where it may.
          if (!this.#stop.signal.aborted && (!wakeable || isWoken)) return;
          clearTimeout(timer);
          resolve();
        };
      });
      this.#endPause = null;
    }
  }
}
