import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { collectDefaultMetrics, register } from 'prom-client';
import type { HealthReport } from '../observability/index.js';
import { type PlainServer, startPlainServer } from './plain-server.js';

/** The address of the metrics server, and what it needs. */
export interface MetricsServerOptions {
  host: string;
  port: number;
  /** The bearer token of every request; undefined: none. */
  token: string | undefined;
  healthReport(): Promise<HealthReport>;
}

interface Answer {
  status: number;
  contentType: string;
  text: string;
}

/** How often the lag of the event loop is sampled, which its figures contain; the default of 10 ms wakes up an idle process 100 times a second. */
const EVENT_LOOP_SAMPLE_MS = 500;
let collectsDefaultMetrics = false;

/** Serves operators on a port of their own that is not public: /metrics for Prometheus, and /health/ready with the outcome of each check. */
export function startMetricsServer({ host, port, token, healthReport }: MetricsServerOptions): Promise<PlainServer> {
  if (!collectsDefaultMetrics) collectDefaultMetrics({ eventLoopMonitoringPrecision: EVENT_LOOP_SAMPLE_MS });
  collectsDefaultMetrics = true;
  const answers: Record<string, () => Promise<Answer>> = {
    '/metrics': async () => ({ status: 200, contentType: register.contentType, text: await register.metrics() }),
    '/health/ready': async () => readinessOf(await healthReport()),
  };
  return startPlainServer(
    (request, response) => {
      const answer = Object.hasOwn(answers, request.url ?? '') ? answers[request.url!] : undefined;
      if (token !== undefined && !hasToken(request, token)) response.writeHead(401, { 'www-authenticate': 'Bearer' }).end();
      else if (!answer) response.writeHead(404).end();
      else
        answer().then(
          ({ status, contentType, text }) => response.writeHead(status, { 'content-type': contentType }).end(text),
          () => response.writeHead(500).end(),
        );
    },
    host,
    port,
  );
}

function readinessOf({ ready, checks }: HealthReport): Answer {
  const text = JSON.stringify({ status: ready ? 'ready' : 'not ready', checks });
  return { status: ready ? 200 : 503, contentType: 'application/json; charset=utf-8', text };
}

/** Compares digests, so that the time of the comparison tells nothing about the token. */
function hasToken({ headers }: IncomingMessage, token: string): boolean {
  const digestOf = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digestOf(headers.authorization ?? ''), digestOf(`Bearer ${token}`));
}
