import type { RateLimit } from '../config/index.js';
import type { RedisCounters } from './redis-counters.js';
import { SlidingWindow } from './sliding-window.js';

/** The memory for counters is bounded, however many addresses send requests: the one that was not used for longest is dropped. */
const MAX_KEYS = 20_000;
/** `takeAtOnce` does not ask Redis below this share of the limit. */
const UNREPORTED_SHARE = 0.25;
/** While Redis does not count, each process grants this share of the limit, because it does not know what the others grant. */
const STRICT_SHARE = 0.5;

interface Counter {
  /** What this process has granted. */
  granted: SlidingWindow;
  /** The part of it that Redis has not counted. */
  unreported: number;
  isReporting: boolean;
  /** Redis has refused a point until then. */
  refusedUntilMs: number;
}

/**
 * One limit, per key. Every process counts what it grants itself, so that the limit holds when Redis is lost as well; Redis counts for all
 * processes together. `take` asks Redis. `takeAtOnce` answers from memory and reports to Redis afterwards: it costs no time, and one command
 * for all points of a round trip, none below a quarter of the limit. N processes can therefore grant up to (N - 1) / 4 more in the worst case.
 */
export class RateLimiter {
  private readonly counters = new Map<string, Counter>();
  private readonly strict: number;

  constructor(
    private readonly limit: RateLimit,
    private readonly shared: RedisCounters,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.strict = Math.ceil(limit.points * STRICT_SHARE);
  }

  /** The number of keys in memory. */
  get size(): number {
    return this.counters.size;
  }

  /** The milliseconds until these points have room as far as this process knows; 0: now. */
  waitMs(key: string, points: number): number {
    const counter = this.counters.get(key);
    const nowMs = this.now();
    const limit = this.shared.isAvailable ? this.limit.points : this.strict;
    const ownWaitMs = counter?.granted.msUntilRoom(points, limit, nowMs) ?? (points > limit ? this.limit.seconds * 1000 : 0);
    return Math.max(ownWaitMs, (counter?.refusedUntilMs ?? 0) - nowMs, 0);
  }

  /** Counts points for which `waitMs` is 0, and reports them to Redis without waiting for it. */
  takeAtOnce(key: string, points: number): void {
    const counter = this.grant(key, points);
    const total = counter.granted.total(this.now());
    counter.unreported = Math.min(counter.unreported + points, total);
    if (total > this.limit.points * UNREPORTED_SHARE && !counter.isReporting && this.shared.isAvailable) void this.report(key, counter);
  }

  /** Asks Redis, or counts in memory while Redis does not count. The milliseconds until these points have room; 0: they are counted. */
  async take(key: string, points: number): Promise<number> {
    let waitMs = this.waitMs(key, points);
    if (waitMs > 0) return waitMs;
    try {
      waitMs = this.shared.isAvailable ? await this.shared.take(key, points) : 0;
      // Fewer points may have room earlier.
      if (waitMs > 0 && points === 1) this.counterOf(key).refusedUntilMs = this.now() + waitMs;
    } catch {
      waitMs = this.waitMs(key, points);
    }
    if (waitMs === 0) this.grant(key, points);
    return waitMs;
  }

  /** Drops what is counted for the key. Without Redis, what it has counted stays. */
  async reset(key: string): Promise<void> {
    this.counters.delete(key);
    await this.shared.reset(key).catch(() => undefined);
  }

  private async report(key: string, counter: Counter): Promise<void> {
    counter.isReporting = true;
    while (counter.unreported > 0 && counter.refusedUntilMs <= this.now()) {
      const points = Math.min(counter.unreported, counter.granted.total(this.now()));
      counter.unreported = 0;
      let waitMs = 0;
      try {
        waitMs = points > 0 ? await this.shared.take(key, points) : 0;
      } catch {
        counter.unreported += points;
        break;
      }
      if (waitMs === 0) continue;
      counter.unreported += points;
      counter.refusedUntilMs = this.now() + waitMs;
    }
    counter.isReporting = false;
  }

  private grant(key: string, points: number): Counter {
    const counter = this.counterOf(key);
    counter.granted.add(points, this.now());
    return counter;
  }

  private counterOf(key: string): Counter {
    const counter = this.counters.get(key) ?? {
      granted: new SlidingWindow(this.limit.seconds),
      unreported: 0,
      isReporting: false,
      refusedUntilMs: 0,
    };
    // The keys of a Map are in the order of insertion: the first is the one that was not used for longest.
    this.counters.delete(key);
    this.counters.set(key, counter);
    if (this.counters.size > MAX_KEYS) this.counters.delete(this.counters.keys().next().value!);
    return counter;
  }
}
