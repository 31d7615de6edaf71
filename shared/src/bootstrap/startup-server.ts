import { type PlainServer, startPlainServer } from './plain-server.js';

const STARTING = {
  type: 'urn:chat:error:service/starting',
  title: 'Temporarily unavailable',
  status: 503,
  detail: 'The service is starting.',
  code: 'UNAVAILABLE',
};
const NOT_READY = { status: 'not ready' };

/** Answers on the port of the service while it waits for its database: live, but not ready, and every other request with 503. */
export function startStartupServer(host: string, port: number): Promise<PlainServer> {
  return startPlainServer(
    (request, response) => {
      const [status, type, body] =
        request.url === '/health/live'
          ? [200, 'application/json', { status: 'live' }]
          : request.url === '/health/ready'
            ? [503, 'application/json', NOT_READY]
            : [503, 'application/problem+json', STARTING];
      response.writeHead(status, { 'content-type': `${type}; charset=utf-8`, connection: 'close' }).end(JSON.stringify(body));
    },
    host,
    port,
  );
}
