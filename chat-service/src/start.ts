import { bootstrapService, type RunningService } from '@chat/shared/bootstrap';
import { loadConfig } from '@chat/shared/config';
import { createLogger } from '@chat/shared/observability';
import { RpcServer } from '@chat/shared/rpc';
import { KafkaEventsStrategy } from '@chat/shared/consumer';
import { AppModule } from './app.module.js';
import { ChatConfig } from './config.js';
import { createChatDataSource } from './data-source.js';
import { OPEN_API } from './openapi.js';

/** The routes that receive files. */
const UPLOAD_ROUTES = ['PUT /files/uploads/:uploadId', 'POST /chat/attachments', 'POST /files/notifications/cloudinary'];

/** Starts the service; the tests start it the same way. */
export function startChatService(config = loadConfig(ChatConfig)): Promise<RunningService> {
  const dataSource = createChatDataSource(config.database);
  const logger = createLogger('chat-service', config.logLevel);
  return bootstrapService({
    name: 'chat-service',
    config,
    dataSource,
    module: (deps) => AppModule.forRoot(config, deps),
    openApi: OPEN_API,
    streamedBodies: { routes: UPLOAD_ROUTES, withinMs: config.uploads.uploadSeconds * 1000 },
    strategies: () => [
      new RpcServer({ host: config.host, port: config.sendPort, maxConnections: config.sendMaxConnections, logger }),
      new KafkaEventsStrategy({ group: 'chat', topics: ['auth.user'], kafka: config.kafka, dataSource, logger }),
    ],
  });
}
