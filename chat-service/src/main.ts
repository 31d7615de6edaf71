import { loadConfig } from '@chat/shared/config';
import { startChatService } from './chat-service.js';
import { ChatConfig } from './config.js';

await startChatService(loadConfig(ChatConfig));
