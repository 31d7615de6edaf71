import { Client } from 'pg';

/** What PostgreSQL has done so far. */
export interface PostgresCounts {
  transactions: number;
  walFlushes: number;
  walRecords: number;
  walBytes: number;
  /** Whole pages in the WAL: the first change of a page after a checkpoint writes all of it. */
  fullPageImages: number;
}

// The database of this connection is left out: nothing else uses it, and this statement is a transaction, too.
const COUNTS = `select
  (select sum(xact_commit + xact_rollback) from pg_stat_database where datname is distinct from current_database()) as "transactions",
  (select sum(fsyncs) from pg_stat_io where object = 'wal') as "walFlushes",
  wal_records as "walRecords", wal_bytes as "walBytes", wal_fpi as "fullPageImages" from pg_stat_wal`;

/** Reads the cumulative statistics of a PostgreSQL server, to which each of its processes reports at most once a second. */
export class PostgresCounters {
  readonly #client: Client;

  private constructor(client: Client) {
    this.#client = client;
  }

  static async connect(databaseUrl: string): Promise<PostgresCounters> {
    const url = new URL(databaseUrl);
    url.pathname = '/postgres';
    const client = new Client({ connectionString: url.href });
    await client.connect();
    return new PostgresCounters(client);
  }

  async read(): Promise<PostgresCounts> {
    const { rows } = await this.#client.query<Record<keyof PostgresCounts, string>>(COUNTS);
    return Object.fromEntries(Object.entries(rows[0] ?? {}).map(([name, count]) => [name, Number(count)])) as unknown as PostgresCounts;
  }

  close(): Promise<void> {
    return this.#client.end();
  }
}
