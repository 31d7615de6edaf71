import { AppError, toProblem } from '@chat/shared/errors';
import { currentContext } from '@chat/shared/observability';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { PlaygroundPage } from '../playground/playground.js';
import { GRAPHQL_PATH } from './graphql.options.js';

/**
 * How GraphQL comes over HTTP: by POST, as application/json, one operation a request. GET carries no operation, so that no link and no
 * image can start one; a browser that asks for a page gets the playground.
 */
export function addHttpRules(app: NestFastifyApplication, playground: PlaygroundPage | null): void {
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRequest', (request: FastifyRequest, reply: FastifyReply, done: () => void) => {
      if (pathOfUrl(request.url) !== GRAPHQL_PATH) return done();
      if (request.method === 'OPTIONS') return done();
      // Answers carry tokens and messages.
      void reply.header('cache-control', 'no-store');
      if (request.method === 'POST') {
        if (!isJson(request.headers['content-type'])) return refuse(reply, 415, 'The body must be application/json.');
        if (request.headers['content-encoding']) return refuse(reply, 415, 'The body must not be compressed.');
        return done();
      }
      if (request.method === 'GET' && playground && request.headers.accept?.includes('text/html')) return playground.send(reply);
      void reply.header('allow', 'POST');
      return refuse(reply, 405, 'Operations are sent by POST.');
    });
}

function pathOfUrl(url: string): string {
  const end = url.indexOf('?');
  return end < 0 ? url : url.slice(0, end);
}

function isJson(contentType: string | undefined): boolean {
  const [type = '', ...parameters] = (contentType ?? '').toLowerCase().split(';');
  if (type.trim() !== 'application/json') return false;
  const charset = parameters.map((parameter) => parameter.trim()).find((parameter) => parameter.startsWith('charset='));
  return charset === undefined || /^charset="?utf-8"?$/.test(charset);
}

function refuse(reply: FastifyReply, status: number, message: string): void {
  const problem = toProblem(new AppError('invalid', `request/${status}`, message), currentContext()?.correlationId ?? '');
  void reply
    .status(status)
    .header('content-type', 'application/problem+json; charset=utf-8')
    .send(JSON.stringify({ ...problem, status }));
}
