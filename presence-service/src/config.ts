import { CommonConfig, DatabaseConfig, Env, KafkaConfig, RedisConfig, Section } from '@chat/shared/config';

/** Everything that presence-service can be told. */
export class PresenceServiceConfig extends CommonConfig {
  @Env({ name: 'PORT', type: 'int', default: 3003, min: 0, max: 65_535, description: 'Port of the REST API' })
  port: number;

  @Env({
    name: 'PRESENCE_GRACE_MS',
    type: 'int',
    default: 10_000,
    min: 0,
    max: 600_000,
    description: 'How long somebody stays present after the last lease ended, in milliseconds: a reconnect within it is no change',
  })
  graceMs: number;

  @Env({
    name: 'PRESENCE_HEARTBEAT_MS',
    type: 'int',
    default: 60_000,
    min: 100,
    max: 600_000,
    description: 'How long a heartbeat, or a status set without an open socket, makes somebody present, in milliseconds',
  })
  heartbeatMs: number;

  @Env({
    name: 'PRESENCE_PACE_MS',
    type: 'int',
    default: 100,
    min: 1,
    max: 10_000,
    description: 'Least time between two rounds of announcements, in milliseconds: what changes back and forth within it is told once',
  })
  paceMs: number;

  @Section(DatabaseConfig)
  database: DatabaseConfig;

  @Section(RedisConfig)
  redis: RedisConfig;

  @Section(KafkaConfig)
  kafka: KafkaConfig;
}
