import type { DataSource } from 'typeorm';
import { isTransient } from '../errors/index.js';
import type { Log } from '../observability/index.js';
import { configOf } from './migrate-when-available.js';
import { waitForDatabase } from './wait-for-database.js';

/** For the start of a service: does this work, and while PostgreSQL is unavailable waits and does it again. Rejects with errors that no retry helps. */
export async function whenAvailable<T>(dataSource: DataSource, log: Log, work: () => Promise<T>): Promise<T> {
  const onWaiting = (reason: string, error: unknown) => log.warn({ reason, error }, 'PostgreSQL is unavailable, waiting for it');
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isTransient(error)) throw error;
      onWaiting('it became unavailable while the service started', error);
    }
    await waitForDatabase({ config: configOf(dataSource), onWaiting });
  }
}
