import { bootstrapService, type RunningService } from '@chat/shared/bootstrap';
import { loadConfig } from '@chat/shared/config';
import { AppModule } from './app.module.js';
import { GatewayConfig } from './config.js';
import { addHttpRules } from './graphql/http-rules.js';
import { addHome } from './playground/home.js';
import { addPlayground } from './playground/playground.js';
import { SocketServer } from './sockets/server.js';

/** Starts the gateway. It starts without the other services. */
export function startGateway(config = loadConfig(GatewayConfig)): Promise<RunningService> {
  return bootstrapService({
    name: 'api-gateway',
    config,
    streamedBodies: {
      routes: ['profiles', 'chat'].flatMap((folder) => [
        `PUT /files/${folder}/uploads/:uploadId`,
        `POST /files/${folder}/notifications/cloudinary`,
      ]),
      withinMs: config.files.uploadSeconds * 1000,
    },
    module: ({ logger }) => AppModule.forRoot(config, logger),
    configure: async (app) => {
      if (config.corsOrigins.length > 0) app.enableCors({ origin: config.corsOrigins, methods: ['GET', 'POST', 'PUT'], maxAge: 600 });
      addHome(app, config.playground);
      addHttpRules(app, config.playground ? await addPlayground(app) : null);
      app.get(SocketServer).attach(app.getHttpAdapter().getInstance());
    },
  });
}
