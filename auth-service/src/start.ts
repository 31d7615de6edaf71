import { bootstrapService, type RunningService } from '@chat/shared/bootstrap';
import { loadConfig } from '@chat/shared/config';
import { AppModule } from './app.module.js';
import { AuthConfig } from './config.js';
import { createAuthDataSource } from './data-source.js';
import { OPEN_API } from './openapi.js';

/** Starts the service in this process. */
export function startAuthService(config = loadConfig(AuthConfig)): Promise<RunningService> {
  return bootstrapService({
    name: 'auth-service',
    config,
    dataSource: createAuthDataSource(config.database),
    module: ({ logger }) => AppModule.forRoot(config, logger),
    openApi: OPEN_API,
  });
}
