import { runCommand } from '@chat/shared/cli';
import { sessionsCommand } from './sessions.command.js';

await runCommand(sessionsCommand);
