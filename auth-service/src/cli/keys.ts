import { runCommand } from './command.js';
import { keysCommand } from './keys.command.js';

await runCommand(keysCommand);
