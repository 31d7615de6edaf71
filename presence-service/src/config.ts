import { CommonConfig, DatabaseConfig, Env, KafkaConfig, RedisConfig, Section, InternalReceiverConfig } from '@chat/shared/config';
import { SERVICE_PORTS } from '@chat/shared/contracts';

export class PresenceServiceConfig extends CommonConfig {
  @Env({ name: 'PORT', type: 'int', default: SERVICE_PORTS['presence-service'], min: 0, max: 65_535, description: 'Port of the REST API' })
  port: number;

  @Env({
    name: 'PRESENCE_GRACE_MS',
    type: 'int',
    default: 10_000,
    min: 0,
    max: 600_000,
    description: 'Time for which a user stays present after the last lease ended, in milliseconds: a reconnect within it is no change',
  })
  graceMs: number;

  @Env({
    name: 'PRESENCE_HEARTBEAT_MS',
    type: 'int',
    default: 60_000,
    min: 100,
    max: 600_000,
    description: 'Time for which a heartbeat, or a status set without an open socket, makes a user present, in milliseconds',
  })
  heartbeatMs: number;

  @Env({
    name: 'PRESENCE_PACE_MS',
    type: 'int',
    default: 100,
    min: 1,
    max: 10_000,
    description:
      'Minimum time between two rounds that publish changes, in milliseconds: a change that is reverted within it is not published',
  })
  paceMs: number;

  @Section(InternalReceiverConfig)
  internalReceiver: InternalReceiverConfig;

  @Section(DatabaseConfig)
  database: DatabaseConfig;

  @Section(RedisConfig)
  redis: RedisConfig;

  @Section(KafkaConfig)
  kafka: KafkaConfig;
}
