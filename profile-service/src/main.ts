import { DEAD_LETTERS, migrateEntry, runCommandLine, serviceCommands } from '@chat/shared/entry';

await runCommandLine('profile-service', {
  ...serviceCommands('profile-service', async () => (await import('./start.js')).startProfileService),
  migrate: migrateEntry('profile-service', async () => (await import('./data-source.js')).createProfileDataSource),
  'dead-letters': DEAD_LETTERS,
});
