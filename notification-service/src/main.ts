import { DEAD_LETTERS, migrateEntry, runCommandLine, serviceCommands } from '@chat/shared/entry';

await runCommandLine('notification-service', {
  ...serviceCommands('notification-service', async () => (await import('./start.js')).startNotificationService),
  migrate: migrateEntry('notification-service', async () => (await import('./data-source.js')).notificationDataSource),
  'dead-letters': DEAD_LETTERS,
});
