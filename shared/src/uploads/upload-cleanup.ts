import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { Counter, register } from 'prom-client';
import { DataSource } from 'typeorm';
import { type NextRound, PollingWorker, shouldLogAttempt, waitAtMost } from '../async/index.js';
import { rowsOf } from '../database/index.js';
import { createOwnFolder, removeAbandoned, type StoredFile } from '../media/index.js';
import { type Log, LOGGER } from '../observability/index.js';
import { removeUploads } from './upload-removal.js';
import { UploadSettings } from './upload-settings.js';

const INTERVAL_MS = 10_000;
const PREPARE_INTERVAL_MS = 10 * 60_000;
const START_DELAY_MS = 2000;
const BATCH = 50;
/** A deletion that failed is tried again after a minute, then after twice as long each time, up to six hours, without end. */
const FIRST_RETRY_SECONDS = 60;
const LONGEST_RETRY_SECONDS = 6 * 60 * 60;

const failedDeletions =
  (register.getSingleMetric('file_deletion_failures_total') as Counter | undefined) ??
  new Counter({ name: 'file_deletion_failures_total', help: 'Attempts to delete a file in the storage that failed; each is repeated' });

interface QueuedDeletion extends StoredFile {
  id: string;
  attempts: number;
}

/**
 * Deletes files: those in the queue, and those of uploads that were never completed or never used. Any number of processes may run it: each
 * takes other rows. A process that ends in the middle has deleted a part; another one takes the rest again after a minute.
 */
@Injectable()
export class UploadCleanup implements OnModuleInit, OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown {
  readonly #worker: PollingWorker;
  #preparedAt = 0;

  constructor(
    @Inject(UploadSettings) private readonly settings: UploadSettings,
    @Inject(DataSource) private readonly dataSource: DataSource,
    @Inject(LOGGER) private readonly logger: Log,
  ) {
    this.#worker = new PollingWorker({
      round: () => this.#round(),
      // Many uploads that are completed at the same time are one round.
      paceMs: 200,
      backoff: { firstMs: 1000, maxMs: 60_000 },
      onError: (error, attempt) => {
        if (shouldLogAttempt(attempt)) logger.warn({ error, attempt }, 'the cleanup of files failed; retrying');
      },
    });
  }

  /** An upload may arrive as soon as the service listens. A storage that does not answer does not delay the start for long. */
  async onModuleInit(): Promise<void> {
    await waitAtMost(START_DELAY_MS, this.#prepareStorage());
  }

  onApplicationBootstrap(): void {
    this.#worker.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.#worker.stop();
  }

  /** When the requests that were in progress have ended. */
  async onApplicationShutdown(): Promise<void> {
    await this.settings.storage.close();
  }

  /** Files were released: delete them now. */
  wake(): void {
    this.#worker.wake();
  }

  async #round(): Promise<NextRound> {
    await this.#prepareStorage();
    const expired = await this.#removeExpired();
    const deletions = await this.#takeDeletions();
    const outcomes = await Promise.all(deletions.map((deletion) => this.#delete(deletion)));
    failedDeletions.inc(outcomes.filter((isDeleted) => !isDeleted).length);
    return expired === BATCH || deletions.length === BATCH ? 0 : INTERVAL_MS;
  }

  /** A storage that cannot be reached at present does not keep the rows. */
  async #prepareStorage(): Promise<void> {
    if (Date.now() - this.#preparedAt < PREPARE_INTERVAL_MS) return;
    try {
      await this.settings.storage.prepare();
      await createOwnFolder(this.settings.formsFolder);
      await removeAbandoned(this.settings.formsFolder);
      this.#preparedAt = Date.now();
    } catch (error) {
      this.logger.warn({ error }, 'the file storage is unavailable; retrying');
    }
  }

  async #removeExpired(): Promise<number> {
    const { config, folder } = this.settings;
    return this.dataSource.transaction(async (manager) => {
      const expired = rowsOf<{ id: string }>(
        await manager.query(
          `select id from uploads
           where (state = 'open' and expires_at < now() - $1 * interval '1 second'
               and (checking_until is null or checking_until < now()))
              or (state = 'ready' and completed_at < now() - $2 * interval '1 second')
           limit $3 for update skip locked`,
          [config.keepUncompletedSeconds, config.keepUnattachedSeconds, BATCH],
        ),
      );
      await removeUploads(
        manager,
        folder,
        expired.map(({ id }) => id),
      );
      return expired.length;
    });
  }

  /** Takes deletions that are due, and sets the time of their next attempt. */
  async #takeDeletions(): Promise<QueuedDeletion[]> {
    const taken = await this.dataSource.query(
      `with due as (select id from file_deletions where due_at <= now() order by due_at limit $1 for update skip locked),
         taken as (
           update file_deletions d set attempts = attempts + 1,
             due_at = now() + least($2 * power(2, least(attempts, 20)), $3) * interval '1 second'
           from due where d.id = due.id returning d.id, d.key, d.kind, d.attempts)
       select id, key, kind, attempts from taken`,
      [BATCH, FIRST_RETRY_SECONDS, LONGEST_RETRY_SECONDS],
    );
    return rowsOf<QueuedDeletion>(taken);
  }

  async #delete({ id, key, kind, attempts }: QueuedDeletion): Promise<boolean> {
    try {
      await this.settings.storage.delete({ key, kind });
    } catch (error) {
      this.logger.warn({ error, key, attempts }, 'a file could not be deleted; retrying later');
      return false;
    }
    await this.dataSource.query('delete from file_deletions where id = $1', [id]);
    return true;
  }
}
