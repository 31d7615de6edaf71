import { CommonConfig, DatabaseConfig, Env, KafkaConfig, RedisConfig, Section } from '@chat/shared/config';

export class ChatConfig extends CommonConfig {
  @Env({ name: 'PORT', type: 'int', default: 3002, min: 0, max: 65_535, description: 'Port of the REST API' })
  port: number;

  @Env({
    name: 'SEND_PORT',
    type: 'int',
    default: 8002,
    min: 0,
    max: 65_535,
    description: 'Port on which gateways hand in messages over one lasting connection each; inside the installation only',
  })
  sendPort: number;

  @Section(DatabaseConfig)
  database: DatabaseConfig;

  @Section(RedisConfig)
  redis: RedisConfig;

  @Section(KafkaConfig)
  kafka: KafkaConfig;
}
