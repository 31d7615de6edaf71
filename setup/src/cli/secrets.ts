import { runCommand } from '@chat/shared/cli';
import { secretsCommand } from '../secrets/secrets.command.js';

await runCommand(secretsCommand);
