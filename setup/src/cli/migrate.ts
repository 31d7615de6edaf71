import { runCommand } from '@chat/shared/cli';
import { migrateCommand } from '../migrate/migrate.command.js';

await runCommand(migrateCommand);
