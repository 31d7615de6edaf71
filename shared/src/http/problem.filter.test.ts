import type { ArgumentsHost } from '@nestjs/common';
import { expect, it } from 'vitest';
import type { Log } from '../observability/logger.js';
import { AppError } from '../errors/index.js';
import { ProblemFilter } from './problem.filter.js';

/** The levels of the lines that an error leaves in the log, and the status it is answered with. */
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
  ['what nobody foresaw', new Error('broken'), ['error'], 500],
  ['something away', new AppError('unavailable', 'sample/unavailable', 'Away.'), ['warn'], 503],
  ['something not set up, which anybody may ask for', new AppError('not-configured', 'sample/not-configured', 'Not set up.'), [], 501],
  ['bad input', new AppError('invalid', 'sample/invalid', 'No.'), [], 400],
])('logs %s as befits whose fault it is', (_, thrown, levels, status) => {
  expect(outcomeOf(thrown)).toEqual({ levels, status });
});
