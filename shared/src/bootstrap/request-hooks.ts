import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { Histogram, register } from 'prom-client';
import { newId } from '../database/new-id.js';
import { toProblem } from '../errors/index.js';
import { checkBodyShape } from '../http/index.js';
import { runInContext, validCorrelationId, validTraceparent, type WorkContext } from '../observability/work-context.js';

/** The security headers of answers that are data. A page for a browser replaces the content-security-policy by its own. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  'x-content-type-options': 'nosniff',
  'x-dns-prefetch-control': 'off',
  'x-frame-options': 'DENY',
  'x-permitted-cross-domain-policies': 'none',
};

const SWAGGER_POLICY =
  "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; script-src 'self' 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'";

/** The context of a request from outside: its `x-correlation-id` if it is well-formed, else a new one, and its `traceparent` (W3C Trace Context). */
export function contextFromHeaders(headers: Record<string, string | string[] | undefined>): WorkContext {
  return { correlationId: validCorrelationId(headers['x-correlation-id']) ?? newId(), traceparent: validTraceparent(headers.traceparent) };
}

/** Answers a URL that cannot be parsed, which reaches no route and no hook, as any other error. */
export function answerUnroutable(error: unknown, _request: unknown, reply: FastifyReply): void {
  const problem = toProblem(error, newId());
  void reply
    .status(problem.status)
    .headers({ ...SECURITY_HEADERS, 'content-type': 'application/problem+json; charset=utf-8' })
    .send(JSON.stringify(problem));
}

const CONTEXT = Symbol('context');
type WithContext = FastifyRequest & { [CONTEXT]?: WorkContext };

/** Correlation id, security headers, a duration metric and a debug line for every request. */
export function addRequestHooks(fastify: FastifyInstance, logger: Logger): void {
  const durations =
    (register.getSingleMetric('http_request_duration_seconds') as Histogram<'method' | 'route' | 'status'> | undefined) ??
    new Histogram({
      name: 'http_request_duration_seconds',
      help: 'Time from the request line to the end of the answer, in seconds',
      labelNames: ['method', 'route', 'status'] as const,
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    });

  fastify.addHook('onRequest', (request: WithContext, reply: FastifyReply, done) => {
    const context = contextFromHeaders(request.headers);
    request[CONTEXT] = context;
    reply.headers(SECURITY_HEADERS).header('x-correlation-id', context.correlationId);
    if (request.routeOptions.url?.startsWith('/docs')) reply.header('content-security-policy', SWAGGER_POLICY);
    runInContext(context, done);
  });
  // The body is read in the context of the connection, so the context of the request is entered again.
  fastify.addHook('preValidation', (request: WithContext, _reply, done) => {
    const context = request[CONTEXT];
    if (context) runInContext(context, done);
    else done();
  });
  fastify.addHook('preValidation', async ({ body }) => checkBodyShape(body));
  fastify.addHook('onResponse', (request: WithContext, reply, done) => {
    const route = request.routeOptions.url ?? 'none';
    durations.observe({ method: request.method, route, status: String(reply.statusCode) }, reply.elapsedTime / 1000);
    if (logger.isLevelEnabled('debug'))
      logger.debug(
        {
          correlationId: request[CONTEXT]?.correlationId,
          method: request.method,
          route,
          status: reply.statusCode,
          durationMs: Math.round(reply.elapsedTime * 10) / 10,
        },
        'request answered',
      );
    done();
  });
}
