import { loadConfig } from '@chat/shared/config';
import { startChatService } from './start.js';
import { ChatConfig } from './config.js';

await startChatService(loadConfig(ChatConfig));
