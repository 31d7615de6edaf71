import { DEAD_LETTERS, migrateEntry, runCommandLine, serviceCommands } from '@chat/shared/entry';

await runCommandLine('chat-service', {
  ...serviceCommands('chat-service', async () => (await import('./start.js')).startChatService),
  migrate: migrateEntry('chat-service', async () => (await import('./data-source.js')).createChatDataSource),
  'dead-letters': DEAD_LETTERS,
});
