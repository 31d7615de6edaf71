import type { DataSource } from 'typeorm';
import { configOf, migrateWhenAvailable } from '../database/index.js';
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
      await migrateWhenAvailable(dataSource, {
        signal,
        onWaiting: (reason, error) => logger.warn({ database, reason, error }, 'PostgreSQL is unavailable, waiting for it'),
      });
      try {
        if (!dataSource.isInitialized) await dataSource.initialize();
        return;
      } catch (error) {
        if (!isTransient(error)) throw error;
        logger.warn({ error }, 'PostgreSQL became unavailable after the migration, waiting for it');
      }
    }
  } finally {
    await startupServer.close();
  }
}
