import { AppError, toAppError } from '@chat/shared/errors';
import type { Pool, QueryConfig } from 'pg';
import { LOCK_NOT_AVAILABLE, rowLocked } from './locks.js';

/** A statement that each connection parses once. */
export interface Statement {
  /** Unique in the service. */
  name: string;
  text: string;
}

/** PostgreSQL may stop answering without closing the connection: after this time the client has its error, and the connection is closed. */
const QUERY_TIMEOUT_MS = 2500;

/** Prepared statements on a pool of their own. A database that does not answer is `unavailable`; see locks.ts for locks. */
export class PreparedQueries {
  constructor(private readonly pool: Pool) {}

  async rows<Row>(statement: Statement, values: unknown[]): Promise<Row[]> {
    // pg supports a timeout for one query; its types do not contain it.
    const config: QueryConfig & { query_timeout: number } = { ...statement, values, query_timeout: QUERY_TIMEOUT_MS };
    try {
      return (await this.pool.query(config)).rows as Row[];
    } catch (error) {
      if ((error as { code?: unknown }).code === LOCK_NOT_AVAILABLE) throw rowLocked(error);
      const known = toAppError(error);
      throw known.kind === 'unavailable' ? new AppError('unavailable', 'database/unavailable', known.message, { cause: error }) : error;
    }
  }

  async row<Row>(statement: Statement, values: unknown[]): Promise<Row | undefined> {
    return (await this.rows<Row>(statement, values))[0];
  }

  async close(): Promise<void> {
    await this.pool.end();
  }
}

/** For everything but sends. */
export class ReadQueries extends PreparedQueries {}

/** For searches alone: they may take long, and there are never more of them at a time than connections. */
export class SearchQueries extends PreparedQueries {}

/** For MessageBatchWriter alone: no other query can take its connections. */
export class SendQueries extends PreparedQueries {}
