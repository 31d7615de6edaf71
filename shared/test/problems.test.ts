import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningService } from '../src/bootstrap/index.js';
import { TestTokens } from '../src/testing/index.js';
import { call, json } from './kit/http.js';
import { startSampleService } from './kit/sample-service.js';

/** The options of a POST with this text as its JSON. */
const raw = (body: string) => ({ ...json(null), body });

describe('bootstrapService', () => {
  let tokens: TestTokens;
  let service: RunningService;

  beforeAll(async () => {
    tokens = await TestTokens.start();
    service = await startSampleService(tokens);
  });

  afterAll(async () => {
    await service?.stop();
    await tokens?.close();
  });

  it('answers bad input with a problem+json that lists all errors', async () => {
    const answer = await call(service.url, '/sample', json({ name: '', extra: 1 }));
    expect(answer.status).toBe(400);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(answer.body).toMatchObject({ code: 'BAD_USER_INPUT', status: 400, type: 'urn:chat:error:request/invalid' });
    expect(answer.body.problems.map(({ field }: { field: string }) => field).sort()).toEqual(['extra', 'name']);
    expect(answer.body.requestId).toBe(answer.headers['x-correlation-id']);
  });

  it('answers bad input in a few kB, whatever the client sent', async () => {
    const long = 'x'.repeat(500);
    const names = Array.from({ length: 200 }, (_, n) => [`${long}${n}`, long]);
    for (const body of [Object.fromEntries(names), { name: 1, ['y'.repeat(200_000)]: 1 }, 'z'.repeat(200_000)]) {
      const answer = await call(service.url, '/sample', json(body));
      expect(answer.status).toBe(400);
      expect(JSON.stringify(answer.body).length).toBeLessThan(6000);
    }
    expect(JSON.stringify((await call(service.url, `/${'x'.repeat(10_000)}`)).body).length).toBeLessThan(1000);
    expect(JSON.stringify((await call(service.url, `/sample?${'x'.repeat(10_000)}=1`)).body).length).toBeLessThan(1000);
  });

  it.each([
    ['page=0', 'page'],
    ['limit=101', 'limit'],
    ['page=2147483648', 'page'],
    ['page=one', 'page'],
    ['page=1.5', 'page'],
    ['page=1&page=2', 'page'],
    ['other=1', 'other'],
  ])('refuses the query %s', async (query, field) => {
    const answer = await call(service.url, `/sample?${query}`);
    expect(answer.status).toBe(400);
    expect(answer.body.problems[0].field).toBe(field);
  });

  it('masks an unexpected error', async () => {
    const answer = await call(service.url, '/sample/broken');
    expect(answer.status).toBe(500);
    expect(answer.body).toMatchObject({ code: 'INTERNAL_SERVER_ERROR', detail: 'Something went wrong on our side.' });
    expect(JSON.stringify(answer.body)).not.toMatch(/secrets|10\.0\.0\.7|stack/);
    expect(answer.body.requestId).toBeTruthy();
  });

  it('answers with the text of an AppError', async () => {
    const answer = await call(service.url, '/sample/gone');
    expect(answer.status).toBe(404);
    expect(answer.body).toMatchObject({
      code: 'NOT_FOUND',
      detail: 'No such sample.',
      hint: 'none',
      type: 'urn:chat:error:sample/not-found',
    });
  });

  it('answers UNAVAILABLE when a dependency is unavailable, without the names of hosts', async () => {
    const answer = await call(service.url, '/sample/refused');
    expect(answer.status).toBe(503);
    expect(answer.body.code).toBe('UNAVAILABLE');
    expect(JSON.stringify(answer.body)).not.toContain('10.0.0.7');
  });

  it.each([
    ['a route that is not there', '/nothing', {}, 404, 'NOT_FOUND'],
    ['an address that cannot be read', '/%', {}, 400, 'BAD_USER_INPUT'],
    [
      'a body that is no JSON',
      '/sample',
      { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{' },
      400,
      'BAD_USER_INPUT',
    ],
    ['a body of another type', '/sample', { method: 'POST', headers: { 'content-type': 'text/xml' }, body: '<a/>' }, 400, 'BAD_USER_INPUT'],
    ['a body over 256 KiB', '/sample', json({ name: 'x'.repeat(300_000) }), 413, 'PAYLOAD_TOO_LARGE'],
    ['JSON that is nested 100,000 deep', '/sample', raw('['.repeat(100_000) + ']'.repeat(100_000)), 400, 'BAD_USER_INPUT'],
    [
      'a field that is nested 100,000 deep',
      '/sample',
      raw(`{"name":${'{"a":'.repeat(40_000)}1${'}'.repeat(40_000)}}`),
      400,
      'BAD_USER_INPUT',
    ],
    ['20,000 unknown fields', '/sample', raw(`{${Array.from({ length: 20_000 }, (_, n) => `"f${n}":1`).join()}}`), 400, 'BAD_USER_INPUT'],
    [
      'a polluting body',
      '/sample',
      { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"__proto__":{"a":1},"name":"x"}' },
      400,
      'BAD_USER_INPUT',
    ],
  ] as const)('answers %s as problem+json', async (_what, path, options, status, code) => {
    const answer = await call(service.url, path, options);
    expect(answer.status).toBe(status);
    expect(answer.body.code).toBe(code);
    expect(answer.headers['content-type']).toContain('application/problem+json');
  });
});
