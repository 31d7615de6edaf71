import type { OutboxRow } from './outbox-rows.js';

/** Rows that one transaction of this process has committed to the outbox. */
export interface CommittedRows {
  /** In the order of their ids, without them. */
  rows: Omit<OutboxRow, 'id'>[];
  /** The id of the last one (`currval` of the sequence of the outbox, in the session that has written them). */
  lastId: number;
}

/** With more rows than this in memory, the table is the queue. */
const MAX_ROWS = 1000;

/**
 * The rows of the outbox that need not be read from the table, because this process has written them and no other row can be between them and
 * those that are published.
 *
 * The sequence gives each id once, in ascending order. All ids up to `#accounted` are published, or belong to transactions that have ended. So when
 * a transaction has written n rows, none of which was read, and the last id is n above that, these are all the ids in between, and its rows are the
 * next ones. In every other case another transaction may have ids in between, and may not have committed: the table has to be read.
 */
export class OfferedRows {
  #accounted = 0;
  #rows: OutboxRow[] = [];
  #highestRead = 0;
  /** No row of a transaction with a higher last id was read. A read that was cut may have seen a part of any transaction. */
  #readUpTo = 0;

  get isEmpty(): boolean {
    return this.#rows.length === 0;
  }

  /** False: the rows are not taken, so the table has to be read. Call it in the order of the commits. */
  offer({ rows, lastId }: CommittedRows): boolean {
    const end = this.#accounted + this.#rows.length;
    // A read has seen them.
    if (lastId <= end) return true;
    // A read may have seen some of them: then as many ids as these are of another transaction.
    if (rows.length > 1 && lastId <= this.#readUpTo) return false;
    if (lastId - rows.length !== end || this.#rows.length + rows.length > MAX_ROWS) return false;
    for (const [n, row] of rows.entries()) this.#rows.push({ ...row, id: end + 1 + n });
    return true;
  }

  /** The rows to publish next. */
  take(): OutboxRow[] {
    const rows = this.#rows;
    this.#accounted += rows.length;
    this.#rows = [];
    return rows;
  }

  /**
   * The table was read: the rows, in order, which are published next; the id up to which all transactions had ended before (LowWaterMark); and
   * whether there may be more.
   */
  noteRead(read: { id: number }[], mark: number, wasCut = false): void {
    this.#highestRead = Math.max(this.#highestRead, read.at(-1)?.id ?? 0);
    this.#readUpTo = wasCut ? Infinity : this.#highestRead;
    let accounted = Math.max(this.#accounted, mark);
    for (const { id } of read) if (id === accounted + 1) accounted = id;
    this.#accounted = accounted;
    // Those that were offered during the read, if it has not seen them.
    const unread = this.#rows.filter(({ id }) => id > accounted);
    this.#rows = unread[0]?.id === accounted + 1 ? unread : [];
  }

  /** Rows that were taken or read are not published: only the table knows what is next. */
  reset(): void {
    this.#accounted = 0;
    this.#rows = [];
  }
}
