import 'reflect-metadata';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { AddressInfo } from 'node:net';
import { createLogger, HealthChecks } from '../observability/index.js';
import type { BootstrapDeps, BootstrapOptions } from './bootstrap-options.js';
import { ClosingConnections } from './closing-connections.js';
import { createApp } from './create-app.js';
import { startMetricsServer } from './metrics-server.js';
import { prepareDatabase } from './prepare-database.js';
import { handleSignals } from './signal-handlers.js';

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
    const metrics = await startMetricsServer({
      host: config.metrics.host,
      port: config.metrics.port ?? (config.port === 0 ? 0 : config.port + METRICS_PORT_OFFSET),
      token: config.metrics.token,
      healthReport: async () => (running ? await health.report() : { ready: false, checks: { process: 'starting' } }),
    });
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
    const connections = new ClosingConnections(app.getHttpServer());
    await app.listen(config.port, config.host);
    const { port } = app.getHttpServer().address() as AddressInfo;

    let stopping: Promise<void> | undefined;
    const stop = async () => {
      health.beginStop();
      const endClosing = connections.start();
      await app.close().finally(endClosing);
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
