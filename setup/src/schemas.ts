import { createAuthDataSource } from '@chat/auth-service/data-source';
import { createChatDataSource } from '@chat/chat-service/data-source';
import { notificationDataSource } from '@chat/notification-service/data-source';
import { createPresenceDataSource } from '@chat/presence-service/data-source';
import { createProfileDataSource } from '@chat/profile-service/data-source';
import { DatabaseConfig } from '@chat/shared/config';
import type { ServiceAccount } from '@chat/shared/database';
import type { DataSource } from 'typeorm';
import type { SetupConfig } from './config.js';

/** A schema of the database, and the service that owns it. */
export interface Schema {
  service: string;
  account: ServiceAccount;
  createDataSource: (config: DatabaseConfig) => DataSource;
}

/** The schemas of all services. The login role of each is named after it, with the prefix of the config. */
export function schemasOf(config: SetupConfig): Schema[] {
  const schema = (name: string, password: string, createDataSource: Schema['createDataSource']): Schema => ({
    service: `${name}-service`,
    account: { schema: name, role: `${config.rolePrefix}${name}_service`, password },
    createDataSource,
  });
  return [
    schema('auth', config.authPassword, createAuthDataSource),
    schema('chat', config.chatPassword, createChatDataSource),
    schema('presence', config.presencePassword, createPresenceDataSource),
    schema('profile', config.profilePassword, createProfileDataSource),
    schema('notification', config.notificationPassword, notificationDataSource),
  ];
}

/** The same database with the login role of a service. */
export function configAs({ role, password }: ServiceAccount, database: DatabaseConfig): DatabaseConfig {
  return Object.assign(new DatabaseConfig(), database, { url: undefined, username: role, password, poolSize: 1 });
}
