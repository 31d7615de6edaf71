import { runCommand } from './command.js';
import { sessionsCommand } from './sessions.command.js';

await runCommand(sessionsCommand);
