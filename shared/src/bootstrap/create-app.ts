import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { DatabaseModule } from '../database/index.js';
import { createValidationPipe, ProblemFilter } from '../http/index.js';
import { NestLogger } from '../observability/index.js';
import type { BootstrapDeps, BootstrapOptions } from './bootstrap-options.js';
import { serveOpenApi } from './open-api.js';
import { addRequestHooks, answerUnroutable } from './request-hooks.js';
import { addStreamedBodies } from './streamed-bodies.js';
import { ServiceCoreModule } from './service-core.module.js';

const DEFAULT_BODY_LIMIT_BYTES = 256 * 1024;
/** The time in which a request must arrive. */
const REQUEST_TIMEOUT_MS = 30_000;

/** The Nest application of a service, not listening yet: validation pipe, problem filter, request hooks, documents, event consumers. */
export async function createApp(options: BootstrapOptions, deps: BootstrapDeps): Promise<NestFastifyApplication> {
  const { config, dataSource } = options;
  const { logger, health } = deps;
  const module = isClass(options.module) ? options.module : await options.module(deps);

  @Module({
    imports: [ServiceCoreModule.forRoot(logger, health), ...(dataSource ? [DatabaseModule.forRoot({ dataSource })] : []), module],
  })
  class ServiceModule {}

  const adapter = new FastifyAdapter({
    logger: false,
    bodyLimit: options.bodyLimitBytes ?? DEFAULT_BODY_LIMIT_BYTES,
    trustProxy: options.trustProxy ?? false,
    routerOptions: { maxParamLength: 500 },
    requestTimeout: Math.max(REQUEST_TIMEOUT_MS, options.streamedBodies?.withinMs ?? 0),
    http: { headersTimeout: REQUEST_TIMEOUT_MS },
    // A client that neither sends nor reads anything for this time is disconnected. Longer than the deadline of any request.
    connectionTimeout: 30_000,
    forceCloseConnections: 'idle',
    frameworkErrors: answerUnroutable,
  });
  const app = await NestFactory.create<NestFastifyApplication>(ServiceModule, adapter, {
    logger: new NestLogger(logger),
    abortOnError: false,
  });
  addRequestHooks(adapter.getInstance(), logger);
  if (options.streamedBodies) addStreamedBodies(adapter.getInstance(), options.streamedBodies);
  app.useGlobalPipes(createValidationPipe());
  app.useGlobalFilters(new ProblemFilter(logger));
  await options.configure?.(app);
  if (options.openApi && (config.apiDocs ?? config.nodeEnv !== 'production')) serveOpenApi(app, options.openApi);
  for (const strategy of options.strategies?.(app) ?? []) app.connectMicroservice({ strategy }, { inheritAppConfig: true });
  return app;
}

function isClass(value: Type | ((deps: BootstrapDeps) => Type | DynamicModule | Promise<Type | DynamicModule>)): value is Type {
  return /^class\b/.test(Function.prototype.toString.call(value));
}
