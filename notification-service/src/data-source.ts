import type { DatabaseConfig } from '@chat/shared/config';
import { createDataSource } from '@chat/shared/database';
import type { DataSource } from 'typeorm';
import { Baseline1764000000001 } from './migrations/0001-baseline.js';
import { RecordTimes1764000000002 } from './migrations/0002-record-times.js';
import { LastRecords1764000000003 } from './migrations/0003-last-records.js';
import { RetentionIndexes1764000000004 } from './migrations/0004-retention-indexes.js';
import { UserDeletions1764000000005 } from './migrations/0005-user-deletions.js';
import { MessageStates1764000000006 } from './migrations/0006-message-states.js';
import { GroupMemberships1764000000007 } from './migrations/0007-group-memberships.js';
import { MutesAndBlocks1764000000008 } from './migrations/0008-mutes-and-blocks.js';
import { PendingNotifications1764000000009 } from './migrations/0009-pending-notifications.js';

export const SCHEMA = 'notification';

const SQL_FILES = [
  'record_events',
  'change_memberships',
  'without_text',
  'save_messages',
  'save_notifications',
  'pending_notifications_of',
  'feed_end',
  'is_after_joining',
  'replay_feed',
].map((name) => new URL(`./feed/sql/${name}.sql`, import.meta.url));

/** The tables have no entities: batches and windows are the work here, so the statements are written out (see the README). */
export function notificationDataSource(config: DatabaseConfig, applicationName = 'notification-service'): DataSource {
  return createDataSource({
    config,
    schema: SCHEMA,
    entities: [],
    migrations: [
      Baseline1764000000001,
      RecordTimes1764000000002,
      LastRecords1764000000003,
      RetentionIndexes1764000000004,
      UserDeletions1764000000005,
      MessageStates1764000000006,
      GroupMemberships1764000000007,
      MutesAndBlocks1764000000008,
      PendingNotifications1764000000009,
    ],
    sqlFiles: SQL_FILES,
    applicationName,
  });
}
