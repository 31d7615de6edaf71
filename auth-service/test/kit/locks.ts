import { eventually } from '@chat/shared/testing';
import type { Pool } from 'pg';

/** Runs an action while another transaction holds the locks of the statement, which stops the service at one point. */
export async function whileLocked<T>(database: Pool, statement: string, during: () => Promise<T>): Promise<T> {
  const client = await database.connect();
  try {
    await client.query('begin');
    await client.query(statement);
    return await during();
  } finally {
    await client.query('rollback');
    client.release();
  }
}

/** Waits until so many connections wait for locks of others. */
export async function lockWaiters(database: Pool, count: number): Promise<void> {
  await eventually(async () => {
    const { rowCount } = await database.query(
      `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    );
    return rowCount! >= count;
  });
}
