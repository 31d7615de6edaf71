import { bootstrapService, type RunningService } from '@chat/shared/bootstrap';
import { loadConfig } from '@chat/shared/config';
import { LOGGER } from '@chat/shared/observability';
import { KafkaEventsStrategy } from '@chat/shared/consumer';
import { AppModule } from './app.module.js';
import { ProfileServiceConfig } from './config.js';
import { createProfileDataSource, SCHEMA } from './data-source.js';
import { OPEN_API } from './openapi.js';

/** The routes that receive files. */
const UPLOAD_ROUTES = [
  'PUT /files/uploads/:uploadId',
  'POST /files/notifications/cloudinary',
  'POST /profiles/me/picture',
  'POST /profiles/me/cover',
];

/** Starts the service: migrations, REST API, outbox relay, consumer. */
export function startProfileService(config = loadConfig(ProfileServiceConfig)): Promise<RunningService> {
  const dataSource = createProfileDataSource(config.database);
  return bootstrapService({
    name: 'profile-service',
    config,
    dataSource,
    openApi: OPEN_API,
    module: ({ logger }) => AppModule.forRoot(config, logger),
    streamedBodies: { routes: UPLOAD_ROUTES, withinMs: config.uploads.uploadSeconds * 1000 },
    strategies: (app) => [
      new KafkaEventsStrategy({
        group: SCHEMA,
        topics: ['auth.user', 'chat.membership', 'chat.user'],
        kafka: config.kafka,
        dataSource,
        logger: app.get(LOGGER),
      }),
    ],
  });
}
