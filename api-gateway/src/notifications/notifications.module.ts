import { Module } from '@nestjs/common';
import { ClientsModule } from '../clients/clients.module.js';
import { NotificationSubscriptions } from './notification-subscriptions.js';
import { NotificationsResolver } from './notifications.resolver.js';

/** The notifications of the current user. notification-service has the rules. */
@Module({ imports: [ClientsModule], providers: [NotificationSubscriptions, NotificationsResolver] })
export class NotificationsModule {}
