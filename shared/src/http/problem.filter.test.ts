import type { ArgumentsHost } from '@nestjs/common';
import { expect, it } from 'vitest';
import type { Log } from '../observability/logger.js';
import { AppError } from '../errors/index.js';
import { ProblemFilter } from './problem.filter.js';

/** The levels of the log lines of an error, and the status of its answer. */
function outcomeOf(thrown: unknown): { levels: string[]; status: number } {
  const levels: string[] = [];
  const level = (name: string) => () => void levels.push(name);
  const logger: Log = { debug: level('debug'), info: level('info'), warn: level('warn'), error: level('error') };
  let status = 0;
  const reply = { sent: false, header: () => reply, send: () => reply, status: (code: number) => ((status = code), reply) };
  const request = { id: 'r1', method: 'GET', routeOptions: { url: '/sample' } };
  const http = { getResponse: () => reply, getRequest: () => request };
  new ProblemFilter(logger).catch(thrown, { getType: () => 'http', switchToHttp: () => http } as unknown as ArgumentsHost);
  return { levels, status };
}

it.each([
  ['an unexpected error', new Error('broken'), ['error'], 500],
  ['an unavailable dependency', new AppError('unavailable', 'sample/unavailable', 'Unavailable.'), ['warn'], 503],
  ['a refusal under load', new AppError('unavailable', 'sample/busy', 'Busy.', { details: { retryAfterSeconds: 3 } }), [], 503],
  ['a missing configuration', new AppError('not-configured', 'sample/not-configured', 'Not set up.'), [], 501],
  ['bad input', new AppError('invalid', 'sample/invalid', 'No.'), [], 400],
])('logs %s at the level of the party at fault', (_, thrown, levels, status) => {
  expect(outcomeOf(thrown)).toEqual({ levels, status });
});
