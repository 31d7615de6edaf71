import { type DynamicModule, Module } from '@nestjs/common';
import { NOTIFICATION_RETENTION_DAYS, NotificationRetention } from './notification-retention.js';
import { NotificationsController } from './notifications.controller.js';
import { NotificationsService } from './notifications.service.js';

@Module({})
export class NotificationsModule {
  static forRoot({ notificationRetentionDays }: { notificationRetentionDays: number }): DynamicModule {
    return {
      module: NotificationsModule,
      controllers: [NotificationsController],
      providers: [
        NotificationsService,
        NotificationRetention,
        { provide: NOTIFICATION_RETENTION_DAYS, useValue: notificationRetentionDays },
      ],
    };
  }
}
