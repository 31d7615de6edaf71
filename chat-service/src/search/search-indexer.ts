import { PollingWorker, shouldLogAttempt } from '@chat/shared/async';
import { type Log, LOGGER } from '@chat/shared/observability';
import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { ReadQueries } from '../database/queries.js';
import { StoredConversations } from '../messages/stored-conversations.js';
import { SEARCH_RULE } from './grams.js';
import { BLOCK_SIZE, indexBatch, type UnindexedRow } from './index-batch.js';
import { CHANGED_CONVERSATIONS, INDEX_MESSAGES, NEXT_CONVERSATIONS, UNINDEXED_MESSAGES } from './search.queries.js';

/** From a message to its indexing: what comes in between is one round's work. */
const WAKE_DELAY_MS = 3000;
/** How often changed messages are looked for. */
const INTERVAL_MS = 3000;
/** How often the index is freed of deleted messages; their texts are deleted by the deletion. Meanwhile more of them may be deleted in the same block. */
const DELETED_EVERY_MS = 60_000;
const MAX_BACKOFF_MS = 30_000;
const CONVERSATIONS_PER_ROUND = 64;
const MESSAGES_PER_ROUND = 512;
const CONVERSATIONS_PER_STEP = 500;
/** How often all conversations are checked, for messages of a process that crashed. */
const ALL_CONVERSATIONS_EVERY_MS = 10 * 60_000;
/** The pause after a round is as long as the round: sends use the same database. */
const PAUSES = 1;
const LOWEST_ID = '00000000-0000-0000-0000-000000000000';

/**
 * Keeps the tables of the search up to date, in the background: new messages of this process after 3 s, changed messages of all processes, and at
 * the start the messages that no process has indexed. A search does not depend on it: it reads what is not indexed from `messages`.
 *
 * Any number of processes may run it: index_messages.sql leaves what another process is writing. The progress is in the database.
 */
@Injectable()
export class SearchIndexer implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #worker: PollingWorker;
  /** Conversations that may have messages to index. */
  readonly #waiting = new Set<string>();
  #lastChecked: string = LOWEST_ID;
  #nextCheckAt = 0;
  #nextDeletedAt = 0;

  constructor(
    @Inject(LOGGER) log: Log,
    private readonly queries: ReadQueries,
    private readonly stored: StoredConversations,
  ) {
    this.#worker = new PollingWorker({
      round: () => this.index(),
      backoff: { firstMs: INTERVAL_MS, maxMs: MAX_BACKOFF_MS },
      wakeDelayMs: WAKE_DELAY_MS,
      onError: (error, attempt) => {
        if (shouldLogAttempt(attempt)) log.warn({ error, attempt }, 'messages could not be indexed for the search; retrying');
      },
    });
  }

  onApplicationBootstrap(): void {
    this.stored.onAdded = () => this.#worker.wake();
    this.#worker.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.#worker.stop();
  }

  /** A round: indexes the next messages, and returns the time until the next round. */
  async index(withDeleted = performance.now() >= this.#nextDeletedAt): Promise<number> {
    const startedAt = performance.now();
    for (const id of this.stored.take()) this.#waiting.add(id);
    const isChecking = await this.#checkConversations();
    const changed = await this.queries.rows<{ id: string }>(CHANGED_CONVERSATIONS, [SEARCH_RULE, CONVERSATIONS_PER_ROUND, withDeleted]);
    if (withDeleted && changed.length < CONVERSATIONS_PER_ROUND) this.#nextDeletedAt = startedAt + DELETED_EVERY_MS;
    const ids = [...new Set([...changed.map(({ id }) => id), ...this.#waiting])].slice(0, CONVERSATIONS_PER_ROUND);
    if (ids.length === 0) return isChecking ? 0 : INTERVAL_MS;
    const rows = await this.queries.rows<UnindexedRow>(UNINDEXED_MESSAGES, [ids, SEARCH_RULE, BLOCK_SIZE, MESSAGES_PER_ROUND]);
    const isCut = rows.length === MESSAGES_PER_ROUND;
    if (rows.length > 0) await this.queries.rows(INDEX_MESSAGES, await indexBatch(rows, isCut));
    // What another process is indexing is looked for again later.
    if (!isCut) for (const id of ids) this.#waiting.delete(id);
    return PAUSES * (performance.now() - startedAt);
  }

  /** Checks the next conversations for messages that are not indexed, unless enough are waiting. Returns whether there are more conversations. */
  async #checkConversations(): Promise<boolean> {
    if (this.#waiting.size >= CONVERSATIONS_PER_ROUND || performance.now() < this.#nextCheckAt) return false;
    const values = [this.#lastChecked, SEARCH_RULE, CONVERSATIONS_PER_STEP];
    const rows = await this.queries.rows<{ id: string; is_unindexed: boolean }>(NEXT_CONVERSATIONS, values);
    for (const row of rows) if (row.is_unindexed) this.#waiting.add(row.id);
    this.#lastChecked = rows.at(-1)?.id ?? LOWEST_ID;
    if (rows.length === CONVERSATIONS_PER_STEP) return true;
    this.#lastChecked = LOWEST_ID;
    this.#nextCheckAt = performance.now() + ALL_CONVERSATIONS_EVERY_MS;
    return false;
  }
}
