import type { DatabaseConfig } from '@chat/shared/config';
import { migrateUnderLock } from '@chat/shared/database';
import { createTestDatabase } from '@chat/shared/testing';
import type { DataSource } from 'typeorm';
import { notificationDataSource, SCHEMA } from '../../src/data-source.js';

export interface FeedDatabase {
  dataSource: DataSource;
  config: DatabaseConfig;
  close(): Promise<void>;
}

/** A migrated database of the service, connected. */
export async function createFeedDatabase(): Promise<FeedDatabase> {
  const database = await createTestDatabase({
    schema: SCHEMA,
    role: 'notification_service',
    migrate: (config) => migrateUnderLock(notificationDataSource(config)),
  });
  const dataSource = notificationDataSource(database.config);
  await dataSource.initialize();
  return {
    dataSource,
    config: database.config,
    close: async () => {
      await dataSource.destroy();
      await database.drop();
    },
  };
}
