import type { ServiceName } from '../contracts/index.js';
import type { DataSource } from 'typeorm';
import type { DatabaseConfig } from '../config/index.js';
import type { CommandEntry, Commands } from './commands.js';

/** What data-source.ts of a service exports. */
type CreateDataSource = (config: DatabaseConfig) => DataSource;

/** The commands of every service; `loadStart` imports the function that starts it in this process. */
export function serviceCommands(name: ServiceName, loadStart: () => Promise<() => Promise<unknown>>): Commands {
  return {
    start: { does: 'starts the service; the default', load: async () => startCommand(await loadStart()), keepsRunning: true },
    health: {
      does: 'exits with 0 if the service of this container is ready, else with 1',
      load: async () => (await import('./health.command.js')).healthCommandOf(name),
    },
    'internal-keys': {
      does: 'prints new keys with which services sign their requests to other services',
      load: async () => (await import('../cli/index.js')).internalKeysCommand,
    },
  };
}

function startCommand(start: () => Promise<unknown>) {
  return async () => {
    await start();
    return '';
  };
}

/** The command of every service with a database; `loadCreateDataSource` imports what its data-source.ts exports. */
export function migrateEntry(name: ServiceName, loadCreateDataSource: () => Promise<CreateDataSource>): CommandEntry {
  return {
    does: 'creates the tables of the service or brings them up to date; the service does it, too, when it starts',
    load: async () => (await import('../cli/index.js')).migrateCommand(name, await loadCreateDataSource()),
  };
}

/** The command of every service with a consumer group. */
export const DEAD_LETTERS: CommandEntry = {
  does: 'lists the records that consumers could not process, publishes them again or deletes them',
  load: async () => (await import('../cli/index.js')).deadLettersCommand,
};
