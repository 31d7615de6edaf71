import { migrateCommand, runCommand } from '@chat/shared/cli';
import { createPresenceDataSource } from '../data-source.js';

await runCommand(migrateCommand('presence-service', createPresenceDataSource));
