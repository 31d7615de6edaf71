import 'reflect-metadata';
import type { DynamicModule, Type } from '@nestjs/common';
import type { CustomTransportStrategy } from '@nestjs/microservices';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { AddressInfo } from 'node:net';
import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import type { CommonConfig } from '../config/index.js';
import { createLogger, HealthChecks } from '../observability/index.js';
import { createApp } from './create-app.js';
import { startMetricsServer } from './metrics-server.js';
import type { OpenApiMeta } from './open-api.js';
import { prepareDatabase } from './prepare-database.js';
import { handleSignals } from './signal-handlers.js';

/** The parts of a service that exist before its application. */
export interface BootstrapDeps {
  logger: Logger;
  health: HealthChecks;
  /** Connected and migrated; undefined for a service without a database. */
  dataSource?: DataSource;
}

type RootModule = Type | DynamicModule;

/** What `bootstrapService` needs to know of a service. */
export interface BootstrapOptions {
  /** The name of the service in its log lines. */
  name: string;
  /** The root module, or a function that creates it once the database is ready. */
  module: Type | ((deps: BootstrapDeps) => RootModule | Promise<RootModule>);
  config: CommonConfig & { port: number };
  /** From `createDataSource`, not connected. The service waits for it, migrates and connects it, checks it for readiness, and closes it at the end. */
  dataSource?: DataSource;
  /** Runs after the database is ready, before the application is created. */
  before?: (deps: BootstrapDeps) => void | Promise<void>;
  /** Runs before the application initialises: more Fastify plugins, hooks, CORS. */
  configure?: (app: NestFastifyApplication) => void | Promise<void>;
  /** Documents the REST routes at /docs and /docs-json. */
  openApi?: OpenApiMeta;
  /** Event consumers that start with the application and stop before its pools close. */
  strategies?: (app: NestFastifyApplication) => CustomTransportStrategy[];
  bodyLimitBytes?: number;
  /** The proxies whose `x-forwarded-for` is trusted, as in the option of Fastify; none by default. */
  trustProxy?: boolean | string | string[];
  /** Whether the service handles signals and ends the process; true by default, except in a test runner. */
  handleSignals?: boolean;
}

/** A service that listens. */
export interface RunningService {
  app: NestFastifyApplication;
  port: number;
  metricsPort: number;
  url: string;
  /** Becomes unready, accepts no new work, finishes what is in progress, closes everything. */
  stop(): Promise<void>;
}

const METRICS_PORT_OFFSET = 6000;
const STOP_WITHIN_MS = 25_000;
const CLOSE_IDLE_INTERVAL_MS = 50;

/**
 * Starts a service. While PostgreSQL is unavailable, the process is live but not ready, and logs the reason. Then it migrates, creates the
 * application and listens. It stops on SIGTERM, on SIGINT, and when the parent process that forked it ends. Rejects when it cannot start;
 * as a process of its own, it then logs the error and exits with code 1.
 */
export async function bootstrapService(options: BootstrapOptions): Promise<RunningService> {
  const { name, config, dataSource } = options;
  const logger = createLogger(name, config.logLevel);
  const health = new HealthChecks();
  const starting = new AbortController();
  let running: RunningService | undefined;
  const insideTestRunner = '__vitest_worker__' in globalThis;
  const attached =
    (options.handleSignals ?? !insideTestRunner)
      ? handleSignals({
          logger,
          stopWithinMs: STOP_WITHIN_MS,
          stop: async () => {
            starting.abort(new Error('the service was stopped while it was starting'));
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
      // A kept-alive connection that is busy now is closed after its answer; otherwise the server would wait for its client.
      const closeIdle = setInterval(() => app.getHttpServer().closeIdleConnections(), CLOSE_IDLE_INTERVAL_MS);
      await app.close().finally(() => clearInterval(closeIdle));
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

function hostInUrl(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}
