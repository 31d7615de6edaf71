import { AppError, toProblem } from '@chat/shared/errors';
import { currentContext } from '@chat/shared/observability';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { GRAPHQL_PATH } from './graphql.options.js';

/**
 * The rules of GraphQL over HTTP: POST with application/json, one operation per request. GET executes no operation, so that a link or an image
 * in a page cannot start one; `sendPage` answers a browser that asks for a page.
 */
export function addHttpRules(app: NestFastifyApplication, sendPage: ((reply: FastifyReply) => void) | null): void {
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRequest', (request: FastifyRequest, reply: FastifyReply, done: () => void) => {
      // Not the text of the URL: other spellings, such as /%67raphql, lead to the same route.
      if (request.routeOptions.url !== GRAPHQL_PATH) return done();
      if (request.method === 'OPTIONS') return done();
      // Responses contain tokens and messages.
      void reply.header('cache-control', 'no-store');
      // Apollo composes a URL of both.
      if (!URL.canParse(request.url, `http://${request.hostname}/`)) return reject(reply, 400, 'The URL or the host is not valid.');
      if (request.method === 'POST') {
        if (!isJson(request.headers['content-type'])) return reject(reply, 415, 'The body must be application/json.');
        if (request.headers['content-encoding']) return reject(reply, 415, 'The body must not be compressed.');
        return done();
      }
      if (request.method === 'GET' && sendPage && request.headers.accept?.includes('text/html')) return sendPage(reply);
      void reply.header('allow', 'POST');
      return reject(reply, 405, 'Send operations by POST.');
    });
}

function isJson(contentType: string | undefined): boolean {
  const [type = '', ...parameters] = (contentType ?? '').toLowerCase().split(';');
  if (type.trim() !== 'application/json') return false;
  const charset = parameters.map((parameter) => parameter.trim()).find((parameter) => parameter.startsWith('charset='));
  return charset === undefined || /^charset="?utf-8"?$/.test(charset);
}

function reject(reply: FastifyReply, status: number, message: string): void {
  const problem = toProblem(new AppError('invalid', `request/${status}`, message), currentContext()?.correlationId ?? '');
  void reply
    .status(status)
    .header('content-type', 'application/problem+json; charset=utf-8')
    .send(JSON.stringify({ ...problem, status }));
}
