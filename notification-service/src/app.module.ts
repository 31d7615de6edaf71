import { AuthModule } from '@chat/shared/auth';
import { DatabaseConfig } from '@chat/shared/config';
import { whenAvailable } from '@chat/shared/database';
import type { Log } from '@chat/shared/observability';
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
        FeedModule.forRoot(config, (log) => connectRecorder(config.database, log)),
        NotificationsModule.forRoot(config),
      ],
    };
  }
}

/** The DataSource of the consumer and the live publisher, connected; see feed/databases.ts. */
export function connectRecorder(config: DatabaseConfig, log: Log): Promise<DataSource> {
  const recorder = Object.assign(new DatabaseConfig(), config, { poolSize: RECORDER_CONNECTIONS });
  const dataSource = notificationDataSource(recorder, 'notification-recorder');
  return whenAvailable(dataSource, log, () => dataSource.initialize());
}
