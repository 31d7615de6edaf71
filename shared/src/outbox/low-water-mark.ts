/** What one read of the outbox saw. */
export interface OutboxRead {
  /** The oldest transaction that was still open: everything before it had ended. */
  xmin: bigint;
  /** The first transaction that had not begun. */
  xmax: bigint;
  /** The highest id that was read; undefined when nothing was. */
  highestId: number | undefined;
  /** The read ended at its limit, so there may be more above `highestId`. */
  wasCut: boolean;
}

/**
 * The id up to which the outbox need not be looked at any more, so that reads do not wade through what is deleted but not yet vacuumed.
 *
 * Ids are given out before their transactions commit, so a row with a lower id can appear late. A row's transaction gets its number
 * before the row gets its id. So whoever still holds an id below the highest of some read has a number below that read's `xmax`, and once
 * a later read has `xmin >= xmax` of the earlier one, all of them have ended and that later read saw their rows. The mark may rise to the
 * earlier read's highest id for the reads after it.
 */
export class LowWaterMark {
  #value = 0;
  #candidate: { id: number; xmax: bigint } | null = null;

  /** Rows with an id above this have to be read. */
  get value(): number {
    return this.#value;
  }

  /** Call it after each read that was made with `value`. */
  noteRead({ xmin, xmax, highestId, wasCut }: OutboxRead): void {
    const candidate = this.#candidate;
    if (candidate && xmin >= candidate.xmax) {
      // A read that was cut has seen everything up to its highest id only.
      const seen = wasCut ? Math.min(candidate.id, highestId ?? 0) : candidate.id;
      this.#value = Math.max(this.#value, seen);
      this.#candidate = null;
    }
    if (!this.#candidate && highestId !== undefined) this.#candidate = { id: highestId, xmax };
  }

  /** Something that was read stays in the table: begin again from the bottom. */
  reset(): void {
    this.#value = 0;
    this.#candidate = null;
  }
}
