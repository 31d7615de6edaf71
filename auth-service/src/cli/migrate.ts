import { migrateCommand, runCommand } from '@chat/shared/cli';
import { createAuthDataSource } from '../data-source.js';

await runCommand(migrateCommand('auth-service', createAuthDataSource));
