import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { Pool, PoolClient } from 'pg';
import { DataSource } from 'typeorm';
import { REPLAY_DATABASE } from './databases.js';
import { pageGivenUp } from './feed.errors.js';

/** Statements of replays, which are not computed further when the client that asked for them is not there any more. */
@Injectable()
export class ReplayQueries implements OnApplicationShutdown {
  constructor(
    @Inject(REPLAY_DATABASE) private readonly pool: Pool,
    /** Cancels statements: the connections of the pool may all be busy. */
    private readonly dataSource: DataSource,
  ) {}

  /** Rejects when the signal is aborted: before a connection is free, the statement is never sent; while it runs, it is cancelled. */
  async rows<Row>(text: string, values: unknown[], signal?: AbortSignal): Promise<Row[]> {
    const client = await this.pool.connect();
    // Without a listener, a connection that breaks now would end the process; a statement that fails reports it.
    client.on('error', ignore);
    let cancelling: Promise<unknown> = Promise.resolve();
    const cancel = () => (cancelling = this.#cancel(client));
    try {
      if (signal?.aborted) throw pageGivenUp();
      signal?.addEventListener('abort', cancel, { once: true });
      return (await client.query(text, values)).rows as Row[];
    } catch (error) {
      throw signal?.aborted ? pageGivenUp() : error;
    } finally {
      signal?.removeEventListener('abort', cancel);
      // Before another statement uses the connection, which would be cancelled instead.
      await cancelling;
      client.off('error', ignore);
      client.release();
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await this.pool.end();
  }

  async #cancel(client: PoolClient): Promise<void> {
    const { processID } = client as PoolClient & { processID: number };
    // Without a cancel, the statement ends with its timeout.
    await this.dataSource.query('select pg_cancel_backend($1)', [processID]).catch(ignore);
  }
}

function ignore(): void {}
