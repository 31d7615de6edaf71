import { migrateCommand, runCommand } from '@chat/shared/cli';
import { notificationDataSource } from '../data-source.js';

await runCommand(migrateCommand('notification-service', notificationDataSource));
