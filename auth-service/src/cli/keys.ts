import { runCommand } from '@chat/shared/cli';
import { keysCommand } from './keys.command.js';

await runCommand(keysCommand);
