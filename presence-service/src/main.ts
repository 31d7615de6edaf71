import { DEAD_LETTERS, migrateEntry, runCommandLine, serviceCommands } from '@chat/shared/entry';

await runCommandLine('presence-service', {
  ...serviceCommands('presence-service', async () => (await import('./start.js')).startPresenceService),
  migrate: migrateEntry('presence-service', async () => (await import('./data-source.js')).createPresenceDataSource),
  'dead-letters': DEAD_LETTERS,
});
