import { AuthModule } from '@chat/shared/auth';
import { DatabaseConfig } from '@chat/shared/config';
import { type DynamicModule, Module } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import type { NotificationConfig } from './config.js';
import { notificationDataSource } from './data-source.js';
import { RECORDER_CONNECTIONS } from './feed/databases.js';
import { FeedModule } from './feed/feed.module.js';
import { NotificationsModule } from './notifications/notifications.module.js';

@Module({})
export class AppModule {
  static forRoot(config: NotificationConfig): DynamicModule {
    return {
      module: AppModule,
      imports: [
        AuthModule.forRoot(config, config.redis, { service: 'notification-service', publicKeys: config.internalReceiver.publicKeys }),
        FeedModule.forRoot(config, () => connectRecorder(config.database)),
        NotificationsModule.forRoot(config),
      ],
    };
  }
}

/** The DataSource of the consumer and the live publisher, connected; see feed/databases.ts. */
function connectRecorder(config: DatabaseConfig): Promise<DataSource> {
  const recorder = Object.assign(new DatabaseConfig(), config, { poolSize: RECORDER_CONNECTIONS });
  return notificationDataSource(recorder, 'notification-recorder').initialize();
}
