import type { DataSource } from 'typeorm';
import type { DatabaseConfig } from '../config/index.js';
import { isTransient } from '../errors/index.js';
import { migrateUnderLock } from './migrate.js';
import { waitForDatabase, type WaitForDatabaseParts } from './wait-for-database.js';

/**
 * Waits for PostgreSQL, then migrates as migrateUnderLock does; again if PostgreSQL becomes unavailable meanwhile. Rejects when the signal is
 * aborted while it waits, and with errors that no retry helps, such as OutdatedDatabaseError.
 */
export async function migrateWhenAvailable(dataSource: DataSource, waiting: Omit<WaitForDatabaseParts, 'config'>): Promise<void> {
  for (;;) {
    await waitForDatabase({ config: configOf(dataSource), ...waiting });
    try {
      return await migrateUnderLock(dataSource);
    } catch (error) {
      if (!isTransient(error)) throw error;
      waiting.onWaiting?.('it became unavailable during the migration', error);
    }
  }
}

/** The address of a data source. */
export function configOf({ options }: DataSource): DatabaseConfig {
  const { host, port, username, password, database, ssl } = options as unknown as Record<string, never>;
  return { host, port, username, password, name: database, ssl: ssl ?? false, poolSize: 1 } as unknown as DatabaseConfig;
}
