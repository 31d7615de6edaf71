import { groupOf } from '@chat/shared/kafka';
import { CommonConfig, DatabaseConfig, Env, KafkaConfig, RedisConfig, Section, InternalReceiverConfig } from '@chat/shared/config';
import { SERVICE_PORTS } from '@chat/shared/contracts';

/** Without the prefix of this installation. */
export const CONSUMER_GROUP = 'notification';

export class NotificationConfig extends CommonConfig {
  @Env({
    name: 'PORT',
    type: 'int',
    default: SERVICE_PORTS['notification-service'],
    min: 0,
    max: 65_535,
    description: 'Port of the REST API',
  })
  port: number;

  @Env({
    name: 'FEED_RETENTION_DAYS',
    type: 'int',
    default: 30,
    min: 1,
    max: 3650,
    description:
      'Days for which a client can resume; older events are purged from the feed, and not recorded. The topic chat.conversation must keep records as long',
  })
  feedRetentionDays: number;

  @Env({
    name: 'NOTIFICATION_RETENTION_DAYS',
    type: 'int',
    default: 90,
    min: 1,
    max: 3650,
    description: 'Days for which read notifications are kept; unread ones stay until they are read or deleted',
  })
  notificationRetentionDays: number;

  @Section(InternalReceiverConfig)
  internalReceiver: InternalReceiverConfig;

  @Section(DatabaseConfig)
  database: DatabaseConfig;

  @Section(RedisConfig)
  redis: RedisConfig;

  @Section(KafkaConfig)
  kafka: KafkaConfig;
}

/** The name of the group in the consumer's tables. */
export function consumerGroupOf({ kafka }: Pick<NotificationConfig, 'kafka'>): string {
  return groupOf(kafka, CONSUMER_GROUP);
}
