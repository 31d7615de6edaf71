import { loadConfig } from '@chat/shared/config';
import { ProfileServiceConfig } from './config.js';
import { startProfileService } from './start.js';

await startProfileService(loadConfig(ProfileServiceConfig));
