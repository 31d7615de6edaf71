import { AuthModule } from '@chat/shared/auth';
import { type DynamicModule, Module } from '@nestjs/common';
import type { NotificationConfig } from './config.js';
import { connectRecorder } from './data-source.js';
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
