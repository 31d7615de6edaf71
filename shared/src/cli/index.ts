export * from './command.js';
export * from './migrate.command.js';
export * from './within-timeout.js';
