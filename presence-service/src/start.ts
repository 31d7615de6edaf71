import { bootstrapService, type RunningService } from '@chat/shared/bootstrap';
import { loadConfig } from '@chat/shared/config';
import { LOGGER } from '@chat/shared/observability';
import { KafkaEventsStrategy } from '@chat/shared/consumer';
import { AppModule } from './app.module.js';
import { PresenceServiceConfig } from './config.js';
import { createPresenceDataSource, SCHEMA } from './data-source.js';
import { OPEN_API } from './openapi.js';

/** Starts the whole service: migrations, REST API, presence worker, consumer. */
export function startPresenceService(config = loadConfig(PresenceServiceConfig)): Promise<RunningService> {
  const dataSource = createPresenceDataSource(config.database);
  return bootstrapService({
    name: 'presence-service',
    config,
    dataSource,
    openApi: OPEN_API,
    module: () => AppModule.forRoot(config),
    strategies: (app) => [
      new KafkaEventsStrategy({
        group: SCHEMA,
        topics: ['auth.user', 'chat.membership', 'chat.user', 'profile.profile'],
        kafka: config.kafka,
        dataSource,
        logger: app.get(LOGGER),
      }),
    ],
  });
}
