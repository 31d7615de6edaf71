import { type Backoff, backoffMs } from '@chat/shared/async';
import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { ChatConfig } from '../config.js';
import { rowLocked } from '../database/locks.js';
import { ReadQueries } from '../database/queries.js';
import { ADVANCE_RECEIPTS } from './receipts.queries.js';

/** How far a member has read a conversation, and how far messages were delivered to a device. What is read is delivered. */
export interface Receipt {
  conversationId: string;
  userId: string;
  readSeq: number;
  deliveredSeq: number;
}

/** `unchanged`: the receipts were as far already. `missing`: there is no such conversation, or the user is not a member. */
export type ReceiptOutcome = 'advanced' | 'unchanged' | 'missing';

interface Pending {
  receipt: Receipt;
  outcome: Promise<ReceiptOutcome>;
  resolve(outcome: ReceiptOutcome): void;
  reject(error: unknown): void;
  /** performance.now() after which a locked row is not tried again. */
  lateAt: number;
  lockedTimes: number;
  timer: NodeJS.Timeout | undefined;
}

interface Row {
  item: number;
  outcome: 'advanced' | 'unchanged' | 'early' | 'locked';
  wait_ms: number;
  last_read_seq: number;
  last_delivered_seq: number;
}

/** What was written less than the interval ago. */
interface Written {
  lastReadSeq: number;
  lastDeliveredSeq: number;
  /** performance.now() */
  writableAt: number;
}

const MAX_BATCH = 500;
const MAX_RECENT = 50_000;
/** Beside the interval; below the time after which the gateway gives a request up. */
const LOCKED_WITHIN_MS = 1500;
const LOCK_BACKOFF: Backoff = { firstMs: 10, maxMs: 200, jitter: 0.25 };

/**
 * Writes the receipts of members, of all that arrive during a write in one statement, and those of one member in one conversation at most once in
 * an interval: the first one at once, further ones together when the interval has passed. The answer follows the commit, so it waits with them:
 * what was answered is stored. `sql/advance_receipts.sql` has the rules, and keeps the interval between processes.
 */
@Injectable()
export class ReceiptWriter implements BeforeApplicationShutdown {
  readonly #pending = new Map<string, Pending>();
  readonly #recent = new LRUCache<string, Written>({ max: MAX_RECENT });
  #ready: Pending[] = [];
  #isWriting = false;
  #intervalMs: number;

  constructor(
    private readonly queries: ReadQueries,
    { receiptIntervalMs }: ChatConfig,
  ) {
    this.#intervalMs = receiptIntervalMs;
  }

  /** Nothing waits for its interval any more. */
  beforeApplicationShutdown(): void {
    this.#intervalMs = 0;
    for (const pending of this.#pending.values()) {
      if (pending.timer === undefined) continue;
      clearTimeout(pending.timer);
      this.#write(pending);
    }
  }

  advance(receipt: Receipt): Promise<ReceiptOutcome> {
    const key = keyOf(receipt);
    const written = this.#recent.get(key);
    if (written && written.writableAt > performance.now() && includes(written, receipt)) return Promise.resolve('unchanged');
    const pending = this.#pending.get(key);
    if (!pending) return this.#add(receipt, written?.writableAt ?? 0);
    pending.receipt = furthest(pending.receipt, receipt);
    return pending.outcome;
  }

  #add(receipt: Receipt, writableAt: number): Promise<ReceiptOutcome> {
    const { promise: outcome, resolve, reject } = Promise.withResolvers<ReceiptOutcome>();
    const now = performance.now();
    const lateAt = now + this.#intervalMs + LOCKED_WITHIN_MS;
    const pending: Pending = { receipt, outcome, resolve, reject, lateAt, lockedTimes: 0, timer: undefined };
    this.#pending.set(keyOf(receipt), pending);
    this.#writeIn(pending, writableAt - now);
    return outcome;
  }

  #writeIn(pending: Pending, delayMs: number): void {
    if (delayMs > 0) pending.timer = setTimeout(() => this.#write(pending), delayMs);
    else this.#write(pending);
  }

  #write(pending: Pending): void {
    pending.timer = undefined;
    this.#ready.push(pending);
    if (!this.#isWriting) void this.#writeReady();
  }

  async #writeReady(): Promise<void> {
    this.#isWriting = true;
    while (this.#ready.length > 0) {
      const batch = this.#ready.splice(0, MAX_BATCH);
      // What arrives from now on is not in this batch.
      for (const { receipt } of batch) this.#pending.delete(keyOf(receipt));
      await this.#writeBatch(batch);
    }
    this.#isWriting = false;
  }

  async #writeBatch(batch: Pending[]): Promise<void> {
    try {
      const receipts = batch.map(({ receipt }) => receipt);
      const rows = await this.queries.rows<Row>(ADVANCE_RECEIPTS, [
        receipts.map(({ conversationId }) => conversationId),
        receipts.map(({ userId }) => userId),
        receipts.map(({ readSeq }) => readSeq),
        receipts.map(({ deliveredSeq }) => deliveredSeq),
        this.#intervalMs,
      ]);
      const rowOf = new Map(rows.map((row) => [row.item - 1, row]));
      for (const [i, pending] of batch.entries()) this.#settle(pending, rowOf.get(i));
    } catch (error) {
      for (const pending of batch) pending.reject(error);
    }
  }

  #settle(pending: Pending, row: Row | undefined): void {
    if (!row) return pending.resolve('missing');
    if (row.outcome === 'early') return this.#retry(pending, row.wait_ms);
    if (row.outcome === 'locked') {
      const delayMs = backoffMs(pending.lockedTimes++, LOCK_BACKOFF);
      return performance.now() + delayMs > pending.lateAt ? pending.reject(rowLocked()) : this.#retry(pending, delayMs);
    }
    const { last_read_seq: lastReadSeq, last_delivered_seq: lastDeliveredSeq } = row;
    if (row.outcome === 'advanced')
      this.#recent.set(keyOf(pending.receipt), {
        lastReadSeq,
        lastDeliveredSeq,
        writableAt: performance.now() + this.#intervalMs,
      });
    pending.resolve(row.outcome);
  }

  /** Together with what arrived meanwhile for the same member. */
  #retry(pending: Pending, delayMs: number): void {
    const key = keyOf(pending.receipt);
    const later = this.#pending.get(key);
    if (later) {
      later.receipt = furthest(later.receipt, pending.receipt);
      later.outcome.then(pending.resolve, pending.reject);
      return;
    }
    this.#pending.set(key, pending);
    this.#writeIn(pending, delayMs);
  }
}

function keyOf({ conversationId, userId }: Receipt): string {
  return conversationId + userId;
}

function includes({ lastReadSeq, lastDeliveredSeq }: Written, { readSeq, deliveredSeq }: Receipt): boolean {
  return readSeq <= lastReadSeq && deliveredSeq <= lastDeliveredSeq;
}

function furthest(one: Receipt, other: Receipt): Receipt {
  return {
    ...one,
    readSeq: Math.max(one.readSeq, other.readSeq),
    deliveredSeq: Math.max(one.deliveredSeq, other.deliveredSeq),
  };
}
