/** The snapshot and the extent of one read of the outbox. */
export interface OutboxRead {
  /** The oldest transaction that was still open: all earlier ones had ended. */
  xmin: bigint;
  /** The number of the transaction of the read itself; null: it has none, because it deleted nothing. */
  xid: bigint | null;
  /** The highest id that was read; undefined when no row was read. */
  highestId: number | undefined;
  /** The highest id that it deleted; 0: it deleted none. */
  highestDeletedId?: number;
  /** The read ended at its limit, so there may be more above `highestId`. */
  wasCut: boolean;
}

/**
 * The id up to which the outbox need not be read again, so that reads skip rows that are deleted but not yet vacuumed.
 *
 * Ids are assigned before their transactions commit, so a row with a lower id can appear late. The transaction of a row gets its number
 * before the row gets its id, and a read that deletes gets its own number after it has begun. So every open transaction with an id below the
 * highest one that was read until then has a number below that of such a read. (`xmax` of its snapshot is no such limit: it is the number after
 * the last transaction that has ended, so open ones may have it or a higher one.) Once a later read has `xmin >= xid` of the earlier one, all of
 * them have ended, and the later read saw their rows. From then on the mark can rise to the highest id of the earlier read.
 */
export class LowWaterMark {
  #value = 0;
  #highestRead = 0;
  #candidate: { id: number; xid: bigint } | null = null;

  /** Only rows with an id above this have to be read. */
  get value(): number {
    return this.#value;
  }

  /** Call it after each read that was made with `value`. */
  noteRead({ xmin, xid, highestId, highestDeletedId, wasCut }: OutboxRead): void {
    const candidate = this.#candidate;
    if (candidate && xmin >= candidate.xid) {
      // A read that was cut has seen everything up to its highest id only.
      const seen = wasCut ? Math.min(candidate.id, highestId ?? 0) : candidate.id;
      this.#value = Math.max(this.#value, seen);
      this.#candidate = null;
    }
    // Rows that are published without a read are deleted by one.
    this.#highestRead = Math.max(this.#highestRead, highestId ?? 0, highestDeletedId ?? 0);
    if (!this.#candidate && xid !== null && this.#highestRead > this.#value) this.#candidate = { id: this.#highestRead, xid };
  }

  /** Rows that were read stay in the table: the mark returns to 0. */
  reset(): void {
    this.#value = 0;
    this.#highestRead = 0;
    this.#candidate = null;
  }
}
