import { bootstrapService, type RunningService } from '@chat/shared/bootstrap';
import { loadConfig } from '@chat/shared/config';
import { LOGGER } from '@chat/shared/observability';
import { KafkaEventsStrategy } from '@chat/shared/consumer';
import type { DataSource } from 'typeorm';
import { AppModule } from './app.module.js';
import { CONSUMER_GROUP, NotificationConfig } from './config.js';
import { notificationDataSource } from './data-source.js';
import { RECORDER_DATABASE } from './feed/databases.js';
import { FeedConsumer } from './feed/feed.consumer.js';
import { OPEN_API } from './openapi.js';

/** Starts the whole service: migrations, REST API, consumer, live publisher. */
export function startNotificationService(config = loadConfig(NotificationConfig)): Promise<RunningService> {
  const dataSource = notificationDataSource(config.database);
  return bootstrapService({
    name: 'notification-service',
    config,
    dataSource,
    openApi: OPEN_API,
    module: () => AppModule.forRoot(config),
    strategies: (app) => {
      const consumer = app.get(FeedConsumer);
      const strategy = new KafkaEventsStrategy({
        group: CONSUMER_GROUP,
        topics: ['chat.conversation', 'chat.user', 'auth.user', 'profile.profile'],
        kafka: config.kafka,
        dataSource: app.get<DataSource>(RECORDER_DATABASE),
        logger: app.get(LOGGER),
        onBatch: (batch) => consumer.consumeBatch(batch),
      });
      strategy.onAssigned((partitions) => consumer.assignPartitions(partitions));
      return [strategy];
    },
  });
}
