import { migrateCommand, runCommand } from '@chat/shared/cli';
import { createProfileDataSource } from '../data-source.js';

await runCommand(migrateCommand('profile-service', createProfileDataSource));
