import { describe, expect, it } from 'vitest';
import { AppError, type ErrorKind, fromProblem, HTTP_STATUSES, isTransient, PUBLIC_CODES, toAppError, toProblem } from './index.js';

const coded = (code: string, message = 'x') => Object.assign(new Error(message), { code });
/** An error of ioredis. */
const reply = (message: string) => Object.assign(new Error(message), { name: 'ReplyError' });

describe('toProblem and fromProblem', () => {
  it.each(Object.keys(PUBLIC_CODES) as ErrorKind[])('transfer an error of kind %s over HTTP', (kind) => {
    const error = new AppError(kind, 'thing/wrong', 'It is wrong.', { details: { retryAfterSeconds: 3 } });
    const problem = toProblem(error, 'r1');
    expect(problem).toMatchObject({ status: HTTP_STATUSES[kind], code: PUBLIC_CODES[kind], requestId: 'r1' });
    const back = fromProblem(JSON.parse(JSON.stringify(problem)), problem.status);
    const visible = kind === 'internal' ? {} : { message: 'It is wrong.', details: { retryAfterSeconds: 3 } };
    expect(back).toMatchObject({ kind, code: 'thing/wrong', ...visible });
  });

  it('never replace a field of the problem by a detail', () => {
    const error = new AppError('invalid', 'a/b', 'No.', { details: { status: 200, code: 'OK', requestId: 'forged', type: 'x' } });
    expect(toProblem(error, 'r1')).toMatchObject({ status: 400, code: 'BAD_USER_INPUT', requestId: 'r1', type: 'urn:chat:error:a/b' });
  });

  it('show nothing of an unexpected error, nor of its details', () => {
    const text = JSON.stringify([
      toProblem(new Error('password=1'), 'r'),
      toProblem('password=1', 'r'),
      toProblem(new AppError('internal', 'x', 'password=1', { details: { password: 1 }, cause: 'password=1' }), 'r'),
      toProblem(null, 'r'),
    ]);
    expect(text).not.toContain('password');
  });

  it('convert answers that are not a problem', () => {
    expect(fromProblem('<html>', 502).kind).toBe('unavailable');
    expect(fromProblem(null, 404).kind).toBe('not-found');
    expect(fromProblem({ code: 7 }, 401).kind).toBe('unauthenticated');
    expect(fromProblem({}, 500).kind).toBe('internal');
    expect(fromProblem({ code: 'NEW_CODE' }, 418).kind).toBe('internal');
  });
});

describe('toAppError', () => {
  it('keeps the HTTP statuses of the framework, and hides its texts', () => {
    const notFound = Object.assign(new Error('Cannot GET /secret'), { getStatus: () => 404 });
    expect(toAppError(notFound)).toMatchObject({ kind: 'not-found', message: 'There is nothing here.' });
    expect(toAppError(Object.assign(new Error('Unexpected token'), { statusCode: 400 })).kind).toBe('invalid');
    expect(toAppError(Object.assign(new Error('x'), { statusCode: 413 })).kind).toBe('too-large');
    expect(toAppError(Object.assign(new Error('x'), { statusCode: 500 })).kind).toBe('internal');
  });

  it('reports a lost database connection as unavailable', () => {
    expect(toAppError(Object.assign(coded('57P01'), { severity: 'FATAL' }))).toMatchObject({
      kind: 'unavailable',
      code: 'database/unavailable',
    });
    expect(toAppError(coded('ECONNREFUSED'))).toMatchObject({ kind: 'unavailable', code: 'dependency/unavailable' });
  });
});

describe('isTransient', () => {
  it.each([
    coded('08006'),
    coded('40001'),
    coded('40P01'),
    coded('53300'),
    coded('55P03'),
    coded('57014'),
    coded('57P01'),
    coded('25006'),
    coded('25P03'),
    coded('28P01'),
    coded('28000'),
    coded('3D000'),
    coded('58030'),
    coded('XX000'),
    coded('XX002'),
    coded('EMFILE'),
    coded('ENFILE'),
    coded('EADDRNOTAVAIL'),
    coded('ENETDOWN'),
    coded('ENOSPC'),
    reply('NOAUTH Authentication required.'),
    reply('ERR max number of clients reached'),
    Object.assign(new Error('x'), { name: 'KafkaJSSASLAuthenticationError', retriable: false }),
    reply("READONLY You can't write against a read only replica."),
    reply('MOVED 11664 10.0.0.2:6379'),
    reply('ASK 11664 10.0.0.2:6379'),
    reply('LOADING Redis is loading the dataset in memory'),
    reply("OOM command not allowed when used memory > 'maxmemory'."),
    reply('MISCONF Redis is configured to save RDB snapshots, but is currently unable to persist on disk.'),
    reply('NOREPLICAS Not enough good replicas to write.'),
    coded('ECONNRESET'),
    coded('UND_ERR_HEADERS_TIMEOUT'),
    new Error('timeout exceeded when trying to connect'),
    Object.assign(new Error('x'), { name: 'QueryFailedError', driverError: coded('57P03') }),
    Object.assign(new Error('x'), { name: 'KafkaJSConnectionError', retriable: true }),
    new Error('wrapped', { cause: coded('ECONNREFUSED') }),
    new AggregateError([coded('ECONNREFUSED'), coded('ECONNREFUSED')]),
    new AppError('unavailable', 'a/b', 'x'),
    new AppError('rate-limited', 'a/b', 'x'),
  ])('is true of %s', (error) => expect(isTransient(error)).toBe(true));

  it.each([
    coded('23505'),
    coded('42P01'),
    coded('22P02'),
    coded('25001'),
    reply('WRONGTYPE Operation against a key holding the wrong kind of value'),
    reply("ERR unknown command 'READONLY x'"),
    new Error('x'),
    new AppError('invalid', 'a/b', 'x', { cause: coded('ECONNRESET') }),
    new TypeError('x is not a function'),
    new AggregateError([]),
    'ECONNRESET',
    null,
    undefined,
  ])('is false of %s', (error) => expect(isTransient(error)).toBe(false));
});
