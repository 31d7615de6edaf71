/** Into how many parts a window is divided. */
export const WINDOW_PARTS = 10;

/**
 * Counts points in a window that moves with time, part by part. The oldest part counts until all of it is older than the window, so at no time
 * are more points than the limit in one window. `RedisCounters` has the same rule as a script.
 */
export class SlidingWindow {
  /** A ring: the present part and those that the window still touches. */
  private readonly parts: number[] = Array.from({ length: WINDOW_PARTS + 1 }, () => 0);
  private readonly partMs: number;
  private newest = 0;
  private sum = 0;

  constructor(seconds: number) {
    this.partMs = (seconds * 1000) / WINDOW_PARTS;
  }

  /** The points in the window. */
  total(nowMs: number): number {
    this.moveTo(nowMs);
    return this.sum;
  }

  add(points: number, nowMs: number): void {
    this.moveTo(nowMs);
    this.parts[this.newest % this.parts.length]! += points;
    this.sum += points;
  }

  /** The milliseconds until these points have room below the limit; 0: they have it now. More points than the limit never have room: a whole window. */
  msUntilRoom(points: number, limit: number, nowMs: number): number {
    this.moveTo(nowMs);
    let sum = this.sum;
    for (let part = this.newest - WINDOW_PARTS; part <= this.newest; part++) {
      if (sum + points <= limit) return part === this.newest - WINDOW_PARTS ? 0 : (part + WINDOW_PARTS) * this.partMs - nowMs;
      sum -= this.parts[(part + this.parts.length) % this.parts.length]!;
    }
    return (this.newest + this.parts.length) * this.partMs - nowMs;
  }

  private moveTo(nowMs: number): void {
    const part = Math.floor(nowMs / this.partMs);
    for (let next = Math.max(this.newest + 1, part - WINDOW_PARTS); next <= part; next++) {
      const index = next % this.parts.length;
      this.sum -= this.parts[index]!;
      this.parts[index] = 0;
    }
    this.newest = Math.max(this.newest, part);
  }
}
