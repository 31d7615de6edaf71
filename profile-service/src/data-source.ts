import type { DatabaseConfig } from '@chat/shared/config';
import { createDataSource } from '@chat/shared/database';
import type { DataSource } from 'typeorm';
import { ConversationMemberEntity } from './contacts/conversation-member.entity.js';
import { CreateProfiles1764000000001 } from './migrations/0001-create-profiles.js';
import { DeletedUsers1764000000008 } from './migrations/0008-deleted-users.js';
import { ProfileEntity } from './profiles/profile.entity.js';

export const SCHEMA = 'profile';

/** profile-service's part of the database; not connected yet. */
export function createProfileDataSource(config: DatabaseConfig): DataSource {
  return createDataSource({
    config,
    schema: SCHEMA,
    entities: [ProfileEntity, ConversationMemberEntity],
    migrations: [CreateProfiles1764000000001, DeletedUsers1764000000008],
    applicationName: 'profile-service',
  });
}
