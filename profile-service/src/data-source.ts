import type { DatabaseConfig } from '@chat/shared/config';
import { createDataSource } from '@chat/shared/database';
import type { DataSource } from 'typeorm';
import { BlockEntity } from './blocks/block.entity.js';
import { ConversationMemberEntity } from './contacts/conversation-member.entity.js';
import { Baseline1764000000001 } from './migrations/0001-baseline.js';
import { LastRecords1764000000002 } from './migrations/0002-last-records.js';
import { InboxPurges1764000000003 } from './migrations/0003-inbox-purges.js';
import { DeletedUserLocks1764000000004 } from './migrations/0004-deleted-user-locks.js';
import { ProfileImages1764000000005 } from './migrations/0005-profile-images.js';
import { ProfileSearch1764000000006 } from './migrations/0006-profile-search.js';
import { UnusedSearchIndex1764000000007 } from './migrations/0007-unused-search-index.js';
import { UploadWaveforms1764000000008 } from './migrations/0008-upload-waveforms.js';
import { ProfileEntity } from './profiles/profile.entity.js';

export const SCHEMA = 'profile';

/** The data source of the schema `profile`; not connected yet. */
export function createProfileDataSource(config: DatabaseConfig): DataSource {
  return createDataSource({
    config,
    schema: SCHEMA,
    entities: [ProfileEntity, ConversationMemberEntity, BlockEntity],
    migrations: [
      Baseline1764000000001,
      LastRecords1764000000002,
      InboxPurges1764000000003,
      DeletedUserLocks1764000000004,
      ProfileImages1764000000005,
      ProfileSearch1764000000006,
      UnusedSearchIndex1764000000007,
      UploadWaveforms1764000000008,
    ],
    applicationName: 'profile-service',
  });
}
