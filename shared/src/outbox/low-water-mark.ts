/** The snapshot and the extent of one read of the outbox. */
export interface OutboxRead {
  /** The oldest transaction that was still open: all earlier ones had ended. */
  xmin: bigint;
  /** The first transaction that had not begun. */
  xmax: bigint;
  /** The highest id that was read; undefined when no row was read. */
  highestId: number | undefined;
  /** The read ended at its limit, so there may be more above `highestId`. */
  wasCut: boolean;
}

/**
 * The id up to which the outbox need not be read again, so that reads skip rows that are deleted but not yet vacuumed.
 *
 * Ids are assigned before their transactions commit, so a row with a lower id can appear late. The transaction of a row gets its number
 * before the row gets its id. So every open transaction with an id below the highest one of some read has a number below `xmax` of that read.
 * Once a later read has `xmin >= xmax` of the earlier one, all of them have ended, and the later read saw their rows. From then on the mark
 * can rise to the highest id of the earlier read.
 */
export class LowWaterMark {
  #value = 0;
  #candidate: { id: number; xmax: bigint } | null = null;

  /** Only rows with an id above this have to be read. */
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

  /** Rows that were read stay in the table: the mark returns to 0. */
  reset(): void {
    this.#value = 0;
    this.#candidate = null;
  }
}
