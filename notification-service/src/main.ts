import { loadConfig } from '@chat/shared/config';
import { NotificationConfig } from './config.js';
import { startNotificationService } from './start.js';

await startNotificationService(loadConfig(NotificationConfig));
