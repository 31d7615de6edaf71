import { bootstrapService, type RunningService } from '@chat/shared/bootstrap';
import { AppModule } from './app.module.js';
import type { AuthConfig } from './config.js';
import { createAuthDataSource } from './data-source.js';
import { OPEN_API } from './openapi.js';

/** Starts the service in this process. */
export function startAuthService(config: AuthConfig): Promise<RunningService> {
  return bootstrapService({
    name: 'auth-service',
    config,
    dataSource: createAuthDataSource(config.database),
    module: ({ logger }) => AppModule.forRoot(config, logger),
    openApi: OPEN_API,
  });
}
