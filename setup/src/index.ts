export { SetupConfig } from './config.js';
export { migrateAll } from './migrate/migrate-all.js';
export { provision } from './provision/provision.js';
