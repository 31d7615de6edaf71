/** Far below what Redis holds for a subscriber (64 MB, or 16 MB for 30 s: infra/redis/redis.conf), and as much as a gateway reads beside its other work. */
const CAPACITY_BYTES = 8 * 2 ** 20;
const BYTES_PER_SECOND = 16 * 2 ** 20;

/**
 * The bytes that Redis may have to send because of commands that are much shorter than these. Redis executes them faster than a gateway reads, and
 * disconnects a subscriber that is too far behind: then all streams of the gateway would read the feed.
 */
export class OutputBudget {
  private bytes = CAPACITY_BYTES;
  private filledAt = performance.now();

  /** False, and takes nothing, when there is not so much left. */
  take(bytes: number): boolean {
    const now = performance.now();
    this.bytes = Math.min(CAPACITY_BYTES, this.bytes + ((now - this.filledAt) / 1000) * BYTES_PER_SECOND);
    this.filledAt = now;
    if (bytes > this.bytes) return false;
    this.bytes -= bytes;
    return true;
  }
}
