import type { IncomingMessage } from 'node:http';
import { PassThrough, type Readable } from 'node:stream';

/**
 * The body of a request as a stream of its own. When its reader gives up, what still arrives is discarded, so that the client gets the answer: a
 * stream that fails together with the request would stop the connection. When the client breaks off, the stream fails.
 */
export function detachedBody(request: IncomingMessage): Readable {
  const body = new PassThrough();
  request.on('error', () => undefined);
  request.once('close', () => {
    if (!request.complete) body.destroy(Object.assign(new Error('the client closed the connection'), { code: 'ECONNRESET' }));
  });
  body.once('close', () => {
    request.unpipe(body);
    request.resume();
  });
  request.pipe(body);
  return body;
}
