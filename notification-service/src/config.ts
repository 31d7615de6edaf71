import { groupOf } from '@chat/shared/kafka';
import { CommonConfig, DatabaseConfig, Env, KafkaConfig, RedisConfig, Section } from '@chat/shared/config';

/** Without the prefix of the installation. */
export const CONSUMER_GROUP = 'notification';

export class NotificationConfig extends CommonConfig {
  @Env({ name: 'PORT', type: 'int', default: 3005, min: 0, max: 65_535, description: 'Port of the REST interface' })
  port: number;

  @Env({
    name: 'FEED_RETENTION_DAYS',
    type: 'int',
    default: 30,
    min: 1,
    max: 3650,
    description: 'How many days back a client may resume; older events are removed from the feed',
  })
  feedRetentionDays: number;

  @Section(DatabaseConfig)
  database: DatabaseConfig;

  @Section(RedisConfig)
  redis: RedisConfig;

  @Section(KafkaConfig)
  kafka: KafkaConfig;
}

/** As the consumer's tables name it. */
export function consumerGroupOf({ kafka }: Pick<NotificationConfig, 'kafka'>): string {
  return groupOf(kafka, CONSUMER_GROUP);
}
