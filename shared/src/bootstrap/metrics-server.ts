import { collectDefaultMetrics, register } from 'prom-client';
import { type PlainServer, startPlainServer } from './plain-server.js';

let collectsDefaultMetrics = false;

/** Serves /metrics for Prometheus, on a port of its own that is not public. */
export function startMetricsServer(host: string, port: number): Promise<PlainServer> {
  if (!collectsDefaultMetrics) collectDefaultMetrics();
  collectsDefaultMetrics = true;
  return startPlainServer(
    (request, response) => {
      if (request.url !== '/metrics') {
        response.writeHead(404).end();
        return;
      }
      register.metrics().then(
        (text) => response.writeHead(200, { 'content-type': register.contentType }).end(text),
        () => response.writeHead(500).end(),
      );
    },
    host,
    port,
  );
}
