import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FileAnswer, FileRequest } from './file-delivery.js';

/** What an HTTP request asks of a file. */
export function fileRequestOf({ method, headers: { range, 'if-none-match': ifNoneMatch } }: FastifyRequest): FileRequest {
  return { range, ifNoneMatch, headOnly: method === 'HEAD' };
}

/** Answers an HTTP request with a file. */
export async function sendFile(reply: FastifyReply, { status, headers, body }: FileAnswer): Promise<void> {
  await reply
    .status(status)
    .headers(headers)
    .send(body ?? undefined);
}
