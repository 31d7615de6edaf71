import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { AppError } from '../errors/index.js';

/** Routes whose handlers read the body themselves, from `request.raw`, such as the bytes of a file. */
export interface StreamedBodies {
  /** As Fastify names them: `PUT /files/uploads/:uploadId`. Their bodies may be `application/octet-stream`, a multipart form, or JSON, which is not parsed and counts as `application/octet-stream`. */
  routes: readonly string[];
  /** The time in which such a body must arrive, in milliseconds. The handler ends a slower one earlier if it wants. */
  withinMs: number;
  /** The time in which the body of any other request must arrive; 30 s by default. */
  othersWithinMs?: number;
}

/** Of a body that nothing reads any more, because the request was refused. */
const UNREAD_BODY_MS = 2000;
const TYPES = ['application/octet-stream', 'multipart/form-data'];

/** Lets these routes read their bodies as streams. All other routes refuse such bodies, and theirs must arrive in a shorter time. */
export function addStreamedBodies(fastify: FastifyInstance, { routes, othersWithinMs = 30_000 }: StreamedBodies): void {
  const streamed = new Set(routes);
  const isStreamed = ({ method, routeOptions }: FastifyRequest) => streamed.has(`${method} ${routeOptions.url}`);
  const sockets = new WeakMap<IncomingMessage, Socket>();
  fastify.addContentTypeParser(TYPES, (_request, _payload, done) => done(null));
  fastify.addHook('onRequest', (request, _reply, done) => {
    if (isStreamed(request)) {
      // No parser is to change or limit the bytes.
      if (isJson(request)) request.headers['content-type'] = 'application/octet-stream';
      sockets.set(request.raw, request.raw.socket);
      return done();
    }
    if (!request.raw.complete) closeUnlessComplete(request.raw, request.raw.socket, othersWithinMs);
    done();
  });
  // After the hooks of onRequest, in which a route may have an answer of its own.
  fastify.addHook('preParsing', (request, _reply, payload, done) => {
    const type = request.headers['content-type']?.trim().toLowerCase();
    if (!isStreamed(request) && type !== undefined && TYPES.some((one) => type.startsWith(one)))
      return done(new AppError('invalid', 'request/415', 'The body must be application/json.'));
    done(null, payload);
  });
  // Otherwise the server would read the rest, however long it is.
  fastify.addHook('onResponse', ({ raw }, _reply, done) => {
    const socket = sockets.get(raw);
    if (socket && !raw.complete) closeUnlessComplete(raw, socket, UNREAD_BODY_MS);
    done();
  });
}

function isJson({ headers }: FastifyRequest): boolean {
  return headers['content-type']?.trim().toLowerCase().startsWith('application/json') === true;
}

/** Closes the connection of a request whose body has not arrived by then. */
function closeUnlessComplete(request: IncomingMessage, socket: Socket, withinMs: number): void {
  const timer = setTimeout(() => {
    if (!request.complete) socket.destroy();
  }, withinMs).unref();
  request.once('close', () => clearTimeout(timer));
}
