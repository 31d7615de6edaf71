import { DatabaseConfig, Env, KafkaConfig, Section } from '@chat/shared/config';

const password = (service: string) => ({
  type: 'secret' as const,
  description: `Password of the login role of ${service}, which is created with it`,
});

/** What `migrate` needs: an administrator of PostgreSQL, the passwords of the login roles to create, and Kafka with the registry. */
export class SetupConfig {
  /** DB_USERNAME is the administrator here, and DB_NAME the database to create. */
  @Section(DatabaseConfig)
  database: DatabaseConfig;

  @Env({
    name: 'DB_ROLE_PREFIX',
    type: 'string',
    default: '',
    max: 40,
    description: 'Prefix of the login roles auth_service, chat_service …, so that installations can share a server; empty: none',
  })
  rolePrefix: string;

  @Env({ name: 'AUTH_DB_PASSWORD', ...password('auth-service') })
  authPassword: string;

  @Env({ name: 'CHAT_DB_PASSWORD', ...password('chat-service') })
  chatPassword: string;

  @Env({ name: 'PRESENCE_DB_PASSWORD', ...password('presence-service') })
  presencePassword: string;

  @Env({ name: 'PROFILE_DB_PASSWORD', ...password('profile-service') })
  profilePassword: string;

  @Env({ name: 'NOTIFICATION_DB_PASSWORD', ...password('notification-service') })
  notificationPassword: string;

  @Section(KafkaConfig)
  kafka: KafkaConfig;

  @Env({
    name: 'MIGRATE_TIMEOUT',
    type: 'durationSeconds',
    default: 120,
    min: 1,
    description: 'How long to wait for PostgreSQL, Kafka and the Schema Registry',
  })
  timeoutSeconds: number;
}
