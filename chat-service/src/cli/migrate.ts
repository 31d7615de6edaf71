import { migrateCommand, runCommand } from '@chat/shared/cli';
import { createChatDataSource } from '../data-source.js';

await runCommand(migrateCommand('chat-service', createChatDataSource));
