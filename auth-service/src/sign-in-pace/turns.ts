import { delayMsAfter, FORGOTTEN_AFTER_MS, type Lane, LONGEST_WAIT_MS } from './lanes.js';

/** `waitMs`: the turn is taken, after this long. `retryAfterMs`: it is not, the wait would be too long. */
export type Turn = { waitMs: number } | { retryAfterMs: number };

/** How an attempt ended. `undecided`: it was not looked at whether the password is right. */
export type Outcome = 'right' | 'wrong' | 'undecided';

/** Where failures are counted. */
export interface Turns {
  /**
   * Takes a turn in all lanes, or in none. It counts as a failure at once, until it is settled otherwise: so attempts made at the same
   * moment slow each other, too.
   */
  take(lanes: Lane[]): Promise<Turn>;
  /** The right password clears the first lane, which is the owner's; in the others only this attempt is taken back. */
  settle(lanes: Lane[], outcome: Outcome): Promise<void>;
}

interface LaneState {
  failures: number;
  /** When the next turn can begin. */
  nextAtMs: number;
  forgottenAtMs: number;
}

const MAX_LANES = 20_000;

/** In the memory of this process, for the time that Redis is away. */
export class LocalTurns implements Turns {
  readonly #lanes = new Map<string, LaneState>();

  constructor(private readonly now: () => number = Date.now) {}

  async take(lanes: Lane[]): Promise<Turn> {
    const now = this.now();
    const states = lanes.map(({ key }) => this.#stateOf(key, now));
    const delays = lanes.map((lane, i) => delayMsAfter(states[i]!.failures, lane));
    const waitMs = Math.max(0, ...lanes.map((lane, i) => (lane.oneAtATime ? states[i]!.nextAtMs - now : delays[i]!)));
    if (waitMs > LONGEST_WAIT_MS) return { retryAfterMs: waitMs };
    lanes.forEach(({ key }, i) => {
      const failures = states[i]!.failures + 1;
      // Taken out and put in again: the map's first are those used longest ago.
      this.#lanes.delete(key);
      this.#lanes.set(key, {
        failures,
        nextAtMs: now + waitMs + delayMsAfter(failures, lanes[i]!),
        forgottenAtMs: now + FORGOTTEN_AFTER_MS,
      });
    });
    for (const key of this.#lanes.keys()) {
      if (this.#lanes.size <= MAX_LANES) break;
      this.#lanes.delete(key);
    }
    return { waitMs };
  }

  async settle(lanes: Lane[], outcome: Outcome): Promise<void> {
    if (outcome === 'wrong') return;
    lanes.forEach(({ key }, i) => {
      const state = this.#lanes.get(key);
      if (outcome === 'right' && i === 0) this.#lanes.delete(key);
      else if (state && state.failures > 0) state.failures -= 1;
    });
  }

  #stateOf(key: string, now: number): LaneState {
    const state = this.#lanes.get(key);
    return state && state.forgottenAtMs > now ? state : { failures: 0, nextAtMs: 0, forgottenAtMs: 0 };
  }
}
