import {
  CommonConfig,
  DatabaseConfig,
  Env,
  KafkaConfig,
  RedisConfig,
  Section,
  InternalIssuerConfig,
  InternalReceiverConfig,
} from '@chat/shared/config';
import { SERVICE_PORTS } from '@chat/shared/contracts';
import { UploadsConfig } from '@chat/shared/uploads';

/** The variables of profile-service. */
export class ProfileServiceConfig extends CommonConfig {
  @Env({ name: 'PORT', type: 'int', default: SERVICE_PORTS['profile-service'], min: 0, max: 65_535, description: 'Port of the REST API' })
  port: number;

  @Section(InternalIssuerConfig)
  internalIssuer: InternalIssuerConfig;

  @Section(InternalReceiverConfig)
  internalReceiver: InternalReceiverConfig;

  @Section(DatabaseConfig)
  database: DatabaseConfig;

  @Section(RedisConfig)
  redis: RedisConfig;

  @Section(KafkaConfig)
  kafka: KafkaConfig;

  @Section(UploadsConfig)
  uploads: UploadsConfig;
}
