import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { currentContext } from '../observability/work-context.js';
import type { Log } from '../observability/logger.js';
import { type AppError, toAppError, toProblem } from '../errors/index.js';

/** Answers every error of an HTTP route as problem+json. An unexpected error is masked, and logged once with the id that the client gets. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly logger: Log) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    // The errors of GraphQL operations and of event handlers are mapped elsewhere.
    if (host.getType() !== 'http') throw thrown;
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const error = toAppError(thrown);
    const problem = toProblem(error, currentContext()?.correlationId ?? request.id);
    this.#log(error, { method: request.method, route: request.routeOptions?.url });
    if (reply.sent) return;
    if (problem.status === 401) void reply.header('www-authenticate', 'Bearer');
    const { retryAfterSeconds } = error.details;
    if (typeof retryAfterSeconds === 'number') void reply.header('retry-after', String(Math.ceil(retryAfterSeconds)));
    void reply.status(problem.status).header('content-type', 'application/problem+json; charset=utf-8').send(JSON.stringify(problem));
  }

  /** Logs only faults of the system: errors of clients would fill the log. */
  #log(error: AppError, request: object): void {
    // An answer that says when to retry refuses work under load, which a client can cause as often as it likes.
    if (error.kind === 'unavailable' && error.details.retryAfterSeconds === undefined)
      this.logger.warn({ error, ...request }, 'request failed: a dependency is unavailable');
    if (error.kind === 'internal') this.logger.error({ error: error.cause ?? error, ...request }, 'request failed');
  }
}
