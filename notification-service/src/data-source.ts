import type { DatabaseConfig } from '@chat/shared/config';
import { createDataSource } from '@chat/shared/database';
import type { DataSource } from 'typeorm';
import { CreateConsumerTables1764000000001 } from './migrations/0001-create-consumer-tables.js';
import { CreateFeed1764000000002 } from './migrations/0002-create-feed.js';
import { CreateNotifications1764000000003 } from './migrations/0003-create-notifications.js';
import { RecordEvents1764000000004 } from './migrations/0004-record-events.js';
import { ReplayFeed1764000000005 } from './migrations/0005-replay-feed.js';
import { SystemNotifications1764000000006 } from './migrations/0006-system-notifications.js';
import { DeletedUsers1764000000008 } from './migrations/0008-deleted-users.js';

export const SCHEMA = 'notification';

/** The tables have no entities: batches and windows are the work here, so the statements are written out where they are used. */
export function notificationDataSource(config: DatabaseConfig): DataSource {
  return createDataSource({
    config,
    schema: SCHEMA,
    entities: [],
    migrations: [
      CreateConsumerTables1764000000001,
      CreateFeed1764000000002,
      CreateNotifications1764000000003,
      RecordEvents1764000000004,
      ReplayFeed1764000000005,
      SystemNotifications1764000000006,
      DeletedUsers1764000000008,
    ],
    applicationName: 'notification-service',
  });
}
