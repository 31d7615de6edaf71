import { migrateEntry, runCommandLine, serviceCommands } from '@chat/shared/entry';

await runCommandLine('auth-service', {
  ...serviceCommands('auth-service', async () => (await import('./start.js')).startAuthService),
  migrate: migrateEntry('auth-service', async () => (await import('./data-source.js')).createAuthDataSource),
  keys: {
    does: 'lists, rotates and withdraws the keys that sign access tokens',
    load: async () => (await import('./cli/keys.command.js')).keysCommand,
  },
  sessions: {
    does: 'revokes all sessions of one user or of all users',
    load: async () => (await import('./cli/sessions.command.js')).sessionsCommand,
  },
});
