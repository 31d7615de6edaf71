import { openApiDocument } from '@chat/shared/bootstrap';
import { FeedController } from './feed/feed.controller.js';
import { NotificationsController } from './notifications/notifications.controller.js';

export const OPEN_API = { title: 'notification-service', description: 'The delivery feed and the notifications' };

export const buildOpenApi = () => openApiDocument(OPEN_API, [FeedController, NotificationsController]);
