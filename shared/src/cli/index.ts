export * from './command.js';
export { deadLettersCommand } from './dead-letters.command.js';
export { internalKeysCommand } from './internal-keys.command.js';
export * from './migrate.command.js';
export * from './within-timeout.js';
