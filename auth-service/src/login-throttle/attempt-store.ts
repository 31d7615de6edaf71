import { delayMsAfter, FAILURE_WINDOW_MS, MAX_WAIT_MS, type ThrottleKey } from './throttle-keys.js';

/** `waitMs`: the attempt may run after this time, which is reserved for it. `retryAfterMs`: nothing is reserved, the wait would be too long. */
export type Reservation = { waitMs: number } | { retryAfterMs: number };

/** The result of an attempt. `undecided`: the password was not checked. */
export type Outcome = 'right' | 'wrong' | 'undecided';

/** Counts failed attempts per key, for 15 minutes from the first failure. */
export interface AttemptStore {
  /** Reserves the next possible time in all keys, or in none. */
  reserve(keys: ThrottleKey[]): Promise<Reservation>;
  /** A wrong password counts in every key. The right one resets the first key, the one of the device that sent it. */
  record(keys: ThrottleKey[], outcome: Outcome): Promise<void>;
}

interface KeyState {
  failures: number;
  /** The earliest start of the next attempt. */
  nextAtMs: number;
  expiresAtMs: number;
}

const MAX_KEYS = 20_000;

/** In the memory of this process, while Redis is unavailable. */
export class MemoryAttemptStore implements AttemptStore {
  readonly #states = new Map<string, KeyState>();

  constructor(private readonly now: () => number = Date.now) {}

  async reserve(keys: ThrottleKey[]): Promise<Reservation> {
    const now = this.now();
    const found = keys.map((rule) => ({ rule, state: this.#find(rule.key, now) }));
    const waits = found.map(({ rule, state }) => {
      if (!state) return 0;
      return rule.oneAtATime ? state.nextAtMs - now : delayMsAfter(state.failures, rule);
    });
    const waitMs = Math.max(0, ...waits);
    if (waitMs > MAX_WAIT_MS) return { retryAfterMs: waitMs };
    for (const { rule, state } of found) if (state) state.nextAtMs = now + waitMs + delayMsAfter(state.failures, rule);
    return { waitMs };
  }

  async record(keys: ThrottleKey[], outcome: Outcome): Promise<void> {
    if (outcome === 'right' && keys[0]) this.#states.delete(keys[0].key);
    if (outcome !== 'wrong') return;
    const now = this.now();
    for (const rule of keys) {
      const state = this.#find(rule.key, now) ?? { failures: 0, nextAtMs: 0, expiresAtMs: now + FAILURE_WINDOW_MS };
      state.failures += 1;
      state.nextAtMs = Math.max(state.nextAtMs, now + delayMsAfter(state.failures, rule));
      // Deleted and inserted again, so that the first entries of the map are those whose last failure is the oldest.
      this.#states.delete(rule.key);
      this.#states.set(rule.key, state);
    }
    for (const key of this.#states.keys()) {
      if (this.#states.size <= MAX_KEYS) break;
      this.#states.delete(key);
    }
  }

  #find(key: string, now: number): KeyState | undefined {
    const state = this.#states.get(key);
    return state && state.expiresAtMs > now ? state : undefined;
  }
}
