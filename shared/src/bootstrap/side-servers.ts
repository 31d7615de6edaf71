import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { collectDefaultMetrics, register } from 'prom-client';

export interface SideServer {
  port: number;
  close(): Promise<void>;
}

async function listen(listener: RequestListener, host: string, port: number): Promise<SideServer> {
  const server: Server = createServer(listener);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve());
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

let collecting = false;

/** Serves /metrics for Prometheus, on a port that is not public. */
export function startMetricsServer(host: string, port: number): Promise<SideServer> {
  if (!collecting) collectDefaultMetrics();
  collecting = true;
  return listen(
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

/** Answers while the service waits for what it cannot start without: live, but not ready. */
export function startWaitingServer(host: string, port: number): Promise<SideServer> {
  return listen(
    (request, response) => {
      const live = request.url === '/health/live';
      const body = live
        ? { status: 'live' }
        : request.url === '/health/ready'
          ? { status: 'not ready', checks: { database: 'unavailable' } }
          : {
              type: 'urn:chat:error:service/starting',
              title: 'Temporarily unavailable',
              status: 503,
              detail: 'The service is starting.',
              code: 'UNAVAILABLE',
            };
      const type = 'code' in body ? 'application/problem+json' : 'application/json';
      response.writeHead(live ? 200 : 503, { 'content-type': `${type}; charset=utf-8`, connection: 'close' }).end(JSON.stringify(body));
    },
    host,
    port,
  );
}
