import { loadConfig } from '@chat/shared/config';
import { AuthConfig } from './config.js';
import { startAuthService } from './start.js';

await startAuthService(loadConfig(AuthConfig));
