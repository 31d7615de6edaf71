import 'reflect-metadata';
import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { CustomTransportStrategy } from '@nestjs/microservices';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { AddressInfo } from 'node:net';
import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import type { CommonConfig, DatabaseConfig } from '../config/index.js';
import { isTransient } from '../errors/index.js';
import { DatabaseModule } from '../database/database.module.js';
import { migrateUnderLock } from '../database/migrate.js';
import { waitForDatabase } from '../database/wait-for-database.js';
import { ProblemFilter } from '../http/problem.filter.js';
import { createValidationPipe } from '../http/validation.pipe.js';
import { attachToProcess } from './signal-handlers.js';
import { HealthChecks } from '../observability/health-checks.js';
import { createLogger } from '../observability/logger.js';
import { NestLogger } from '../observability/nest-logger.js';
import { type OpenApiMeta, serveOpenApi } from './open-api.js';
import { addRequestHooks, answerUnroutable } from './request-hooks.js';
import { ServiceCoreModule } from './service-core.module.js';
import { startMetricsServer, startWaitingServer } from './side-servers.js';

export interface BootstrapDeps {
  logger: Logger;
  health: HealthChecks;
  /** Connected and migrated, when one was given. */
  dataSource?: DataSource;
}

type RootModule = Type | DynamicModule;

export interface BootstrapOptions {
  /** Name of the service, in logs and documents. */
  name: string;
  /** The service's root module, or a function that makes it once the database is there. */
  module: Type | ((deps: BootstrapDeps) => RootModule | Promise<RootModule>);
  config: CommonConfig & { port: number };
  /** From `createDataSource`, not connected. Waited for, migrated, connected, watched by `ready`, and closed at the end. */
  dataSource?: DataSource;
  /** Runs after the database is ready, before the application is made. */
  before?: (deps: BootstrapDeps) => void | Promise<void>;
  /** Runs before the application initialises: more Fastify plugins, hooks, CORS. */
  configure?: (app: NestFastifyApplication) => void | Promise<void>;
  /** Documents the REST routes at /docs and /docs-json. */
  openApi?: OpenApiMeta;
  /** Event consumers that start with the application and stop before its pools close. */
  strategies?: (app: NestFastifyApplication) => CustomTransportStrategy[];
  bodyLimitBytes?: number;
  /** Which proxies' `x-forwarded-for` is believed, as Fastify's option of that name; none when left out. */
  trustProxy?: boolean | string | string[];
  /** Signals, the parent's channel and exit codes; not inside a test runner. */
  attachToProcess?: boolean;
}

export interface RunningService {
  app: NestFastifyApplication;
  port: number;
  metricsPort: number;
  url: string;
  /** Not ready, no new work, what is in flight finished, everything closed. */
  stop(): Promise<void>;
}

const DEFAULT_BODY_LIMIT_BYTES = 256 * 1024;
const METRICS_PORT_OFFSET = 6000;
const STOP_WITHIN_MS = 25_000;

/**
 * Starts a service. While PostgreSQL is away the process is live but not ready, and says why in the log; then it migrates,
 * makes the application and listens. It stops on SIGTERM, SIGINT or when the parent that forked it goes away.
 */
export async function bootstrapService(options: BootstrapOptions): Promise<RunningService> {
  const { name, config, dataSource } = options;
  const logger = createLogger(name, config.logLevel);
  const health = new HealthChecks();
  const starting = new AbortController();
  let running: RunningService | undefined;
  const insideTestRunner = '__vitest_worker__' in globalThis;
  const attached =
    (options.attachToProcess ?? !insideTestRunner)
      ? attachToProcess({
          logger,
          stopWithinMs: STOP_WITHIN_MS,
          stop: async () => {
            starting.abort(new Error('stopped while starting'));
            await running?.stop();
          },
        })
      : undefined;

  try {
    const metrics = await startMetricsServer(
      config.host,
      config.metricsPort ?? (config.port === 0 ? 0 : config.port + METRICS_PORT_OFFSET),
    );
    const deps: BootstrapDeps = { logger, health, ...(dataSource ? { dataSource } : {}) };
    if (dataSource) {
      await prepareDatabase(dataSource, config, logger, starting.signal);
      health.register('database', () => dataSource.query('select 1'));
    }
    await options.before?.(deps);
    const app = await createApp(options, deps);
    // First, so that no transport delivers work to a provider that is not initialised.
    await app.init();
    await app.startAllMicroservices();
    await app.listen(config.port, config.host);
    const { port } = app.getHttpServer().address() as AddressInfo;

    let stopping: Promise<void> | undefined;
    const stop = async () => {
      health.beginStop();
      // A kept-alive connection that is busy now is closed after its answer, else the server would wait for its client to leave.
      const sweep = setInterval(() => app.getHttpServer().closeIdleConnections(), 50);
      await app.close().finally(() => clearInterval(sweep));
      if (dataSource?.isInitialized) await dataSource.destroy();
      await metrics.close();
      logger.info({}, 'stopped');
    };
    running = { app, port, metricsPort: metrics.port, url: `http://${hostInUrl(config.host)}:${port}`, stop: () => (stopping ??= stop()) };
    logger.info({ port, metricsPort: metrics.port }, 'listening');
    attached?.ready(port);
    return running;
  } catch (error) {
    if (attached && !starting.signal.aborted) await attached.failed(error);
    throw error;
  }
}

async function prepareDatabase(
  dataSource: DataSource,
  config: CommonConfig & { port: number },
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  const { host, port, username, password, database, ssl } = dataSource.options as unknown as Record<string, never>;
  const address = { host, port, username, password, name: database, ssl: ssl ?? false, poolSize: 1 } as unknown as DatabaseConfig;
  const waiting = await startWaitingServer(config.host, config.port);
  try {
    for (;;) {
      await waitForDatabase({
        config: address,
        signal,
        onWaiting: (reason) =>
          logger.warn({ database: `${String(host)}:${String(port)}/${String(database)}`, reason }, 'waiting for the database'),
      });
      try {
        await migrateUnderLock(dataSource);
        if (!dataSource.isInitialized) await dataSource.initialize();
        return;
      } catch (error) {
        // The database became unavailable again: wait once more. Any other error ends the start, such as OutdatedDatabaseError.
        if (!isTransient(error)) throw error;
        logger.warn({ error }, 'the database became unavailable during the migration');
      }
    }
  } finally {
    await waiting.close();
  }
}

async function createApp(options: BootstrapOptions, deps: BootstrapDeps): Promise<NestFastifyApplication> {
  const { dataSource } = options;
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
    requestTimeout: 30_000,
    forceCloseConnections: 'idle',
    frameworkErrors: answerUnroutable,
  });
  const app = await NestFactory.create<NestFastifyApplication>(ServiceModule, adapter, {
    logger: new NestLogger(logger),
    abortOnError: false,
  });
  addRequestHooks(adapter.getInstance(), logger);
  app.useGlobalPipes(createValidationPipe());
  app.useGlobalFilters(new ProblemFilter(logger));
  await options.configure?.(app);
  if (options.openApi) serveOpenApi(app, options.openApi);
  for (const strategy of options.strategies?.(app) ?? []) app.connectMicroservice({ strategy }, { inheritAppConfig: true });
  return app;
}

function isClass(value: BootstrapOptions['module']): value is Type {
  return /^class\b/.test(Function.prototype.toString.call(value));
}

function hostInUrl(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}
