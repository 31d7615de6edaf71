import type { DataSource } from 'typeorm';
import type { DatabaseConfig } from '../config/index.js';
import { migrateUnderLock, waitForDatabase } from '../database/index.js';
import { isTransient } from '../errors/index.js';
import type { Log } from '../observability/index.js';
import { startStartupServer } from './startup-server.js';

/**
 * Waits for PostgreSQL, migrates, and connects the data source. Meanwhile the process answers on its port that it is not ready. Rejects when
 * the signal is aborted, and with errors that no retry helps, such as OutdatedDatabaseError.
 */
export async function prepareDatabase(
  dataSource: DataSource,
  address: { host: string; port: number },
  logger: Log,
  signal: AbortSignal,
): Promise<void> {
  const config = configOf(dataSource);
  const database = `${config.host}:${config.port}/${config.name}`;
  const startupServer = await startStartupServer(address.host, address.port);
  try {
    for (;;) {
      await waitForDatabase({
        config,
        signal,
        onWaiting: (reason) => logger.warn({ database, reason }, 'PostgreSQL is unavailable, waiting for it'),
      });
      try {
        await migrateUnderLock(dataSource);
        if (!dataSource.isInitialized) await dataSource.initialize();
        return;
      } catch (error) {
        if (!isTransient(error)) throw error;
        logger.warn({ error }, 'PostgreSQL became unavailable during the migration, waiting for it');
      }
    }
  } finally {
    await startupServer.close();
  }
}

function configOf({ options }: DataSource): DatabaseConfig {
  const { host, port, username, password, database, ssl } = options as unknown as Record<string, never>;
  return { host, port, username, password, name: database, ssl: ssl ?? false, poolSize: 1 } as unknown as DatabaseConfig;
}
