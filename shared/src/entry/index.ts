export type { CommandEntry, Commands } from './commands.js';
export { runCommandLine } from './run-command-line.js';
export { DEAD_LETTERS, migrateEntry, serviceCommands } from './service-commands.js';
