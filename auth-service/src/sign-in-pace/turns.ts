import { delayMsAfter, FORGOTTEN_AFTER_MS, type Lane, LONGEST_WAIT_MS } from './lanes.js';

/** `waitMs`: the turn is taken, after this long. `retryAfterMs`: it is not, the wait would be too long. */
export type Turn = { waitMs: number } | { retryAfterMs: number };

/** How an attempt ended. `undecided`: it was not looked at whether the password is right. */
export type Outcome = 'right' | 'wrong' | 'undecided';

/** Where failures are counted, for 15 minutes from the first. */
export interface Turns {
  /** Takes a turn in all lanes, or in none. */
  take(lanes: Lane[]): Promise<Turn>;
  /** A wrong password counts in every lane; the right one clears the first lane, which is that of whoever gave it. */
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
    const found = lanes.map((lane) => ({ lane, state: this.#find(lane.key, now) }));
    const waits = found.map(({ lane, state }) => {
      if (!state) return 0;
      return lane.oneAtATime ? state.nextAtMs - now : delayMsAfter(state.failures, lane);
    });
    const waitMs = Math.max(0, ...waits);
    if (waitMs > LONGEST_WAIT_MS) return { retryAfterMs: waitMs };
    for (const { lane, state } of found) if (state) state.nextAtMs = now + waitMs + delayMsAfter(state.failures, lane);
    return { waitMs };
  }

  async settle(lanes: Lane[], outcome: Outcome): Promise<void> {
    if (outcome === 'right' && lanes[0]) this.#lanes.delete(lanes[0].key);
    if (outcome !== 'wrong') return;
    const now = this.now();
    for (const lane of lanes) {
      const state = this.#find(lane.key, now) ?? { failures: 0, nextAtMs: 0, forgottenAtMs: now + FORGOTTEN_AFTER_MS };
      state.failures += 1;
      state.nextAtMs = Math.max(state.nextAtMs, now + delayMsAfter(state.failures, lane));
      // Taken out and put in again: the map's first are those that failed longest ago.
      this.#lanes.delete(lane.key);
      this.#lanes.set(lane.key, state);
    }
    for (const key of this.#lanes.keys()) {
      if (this.#lanes.size <= MAX_LANES) break;
      this.#lanes.delete(key);
    }
  }

  #find(key: string, now: number): LaneState | undefined {
    const state = this.#lanes.get(key);
    return state && state.forgottenAtMs > now ? state : undefined;
  }
}
