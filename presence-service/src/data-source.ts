import type { DatabaseConfig } from '@chat/shared/config';
import { createDataSource } from '@chat/shared/database';
import type { DataSource } from 'typeorm';
import { ConversationMemberEntity } from './contacts/conversation-member.entity.js';
import { CreatePeople1764000000001 } from './migrations/0001-create-people.js';
import { DeletedUsers1764000000008 } from './migrations/0008-deleted-users.js';
import { PersonEntity } from './presence/person.entity.js';

export const SCHEMA = 'presence';

/** presence-service's part of the database; not connected yet. */
export function createPresenceDataSource(config: DatabaseConfig): DataSource {
  return createDataSource({
    config,
    schema: SCHEMA,
    entities: [PersonEntity, ConversationMemberEntity],
    migrations: [CreatePeople1764000000001, DeletedUsers1764000000008],
    applicationName: 'presence-service',
  });
}
