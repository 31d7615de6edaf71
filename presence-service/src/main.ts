import { loadConfig } from '@chat/shared/config';
import { PresenceServiceConfig } from './config.js';
import { startPresenceService } from './start.js';

await startPresenceService(loadConfig(PresenceServiceConfig));
