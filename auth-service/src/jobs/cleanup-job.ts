import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { LOGGER, type Log } from '@chat/shared/observability';
import { DataSource } from 'typeorm';

const INTERVAL_MS = 3_600_000;
const BATCH_SIZE = 2000;

/** Deletes every hour what is not needed any more. Any number of instances may do so at once. */
@Injectable()
export abstract class CleanupJob implements OnApplicationBootstrap, OnApplicationShutdown {
  /** What is swept, for the log. */
  protected abstract readonly what: string;
  #timer: NodeJS.Timeout | undefined;
  #stopping = false;
  #sweep: Promise<void> = Promise.resolve();

  constructor(
    private readonly dataSource: DataSource,
    @Inject(LOGGER) private readonly logger: Log,
  ) {}

  onApplicationBootstrap(): void {
    this.#timer = setInterval(() => {
      this.#sweep = this.purge().catch((error: unknown) => this.logger.warn({ error }, `${this.what} could not be deleted`));
    }, INTERVAL_MS);
  }

  async onApplicationShutdown(): Promise<void> {
    this.#stopping = true;
    clearInterval(this.#timer);
    await this.#sweep;
  }

  abstract purge(): Promise<void>;

  /** Deletes the rows that `where` finds, in batches, so that no statement takes long. `where` may end with an order. */
  protected async deleteInBatches(table: string, key: string, where: string, parameters: unknown[] = []): Promise<void> {
    for (let deleted = BATCH_SIZE; deleted === BATCH_SIZE && !this.#stopping;) {
      const [, count] = await this.dataSource.query<[unknown, number]>(
        `delete from ${table} where ${key} in (select ${key} from ${table} where ${where} limit ${BATCH_SIZE} for update skip locked)`,
        parameters,
      );
      deleted = count;
    }
  }
}
