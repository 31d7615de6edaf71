import { Body, Controller, Get, Module, Post, Query } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AuthModule, type AuthenticatedUser, CurrentUser, Public } from '../src/auth/index.js';
import { bootstrapService, type RunningService } from '../src/bootstrap/index.js';
import { type CommonConfig, RedisConfig } from '../src/config/index.js';
import { AppError } from '../src/errors/index.js';
import { PageQuery, ServiceClient } from '../src/http/index.js';
import { currentContext, runInContext } from '../src/observability/index.js';
import { testInfra, TestTokens } from '../src/testing/index.js';
import { call, configOf, json } from './kit/http.js';
import { SampleDto } from './kit/sample.dto.js';

@Controller('sample')
class SampleController {
  @Public()
  @Get()
  list(@Query() query: PageQuery) {
    return { page: query.page, limit: query.limit };
  }

  @Public()
  @Post()
  create(@Body() body: SampleDto) {
    return { ...body, correlationId: currentContext()?.correlationId, traceparent: currentContext()?.traceparent };
  }

  @Public()
  @Get('broken')
  broken() {
    throw new Error('select * from secrets failed on 10.0.0.7');
  }

  @Public()
  @Get('gone')
  gone() {
    throw new AppError('not-found', 'sample/not-found', 'No such sample.', { details: { hint: 'none' } });
  }

  @Public()
  @Get('refused')
  refused() {
    throw Object.assign(new Error('connect ECONNREFUSED 10.0.0.7:5432'), { code: 'ECONNREFUSED' });
  }

  @Get('mine')
  mine(@CurrentUser() user: AuthenticatedUser) {
    return { userId: user.userId, sessionId: user.sessionId };
  }
}

describe('bootstrapService', () => {
  let tokens: TestTokens;
  let service: RunningService;
  let config: CommonConfig & { port: number };

  beforeAll(async () => {
    tokens = await TestTokens.start();
    config = configOf({ AUTH_SERVICE_URL: tokens.baseUrl });
    const redis = RedisConfig.fromUrl(testInfra().redisUrl);

    @Module({ imports: [AuthModule.forRoot(config, redis)], controllers: [SampleController] })
    class SampleModule {}

    service = await bootstrapService({ name: 'sample', module: SampleModule, config, openApi: { title: 'Sample' } });
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

  it('gives a page its defaults, and accepts any Int of GraphQL', async () => {
    expect((await call(service.url, '/sample?page=2147483647')).body).toEqual({ page: 2_147_483_647, limit: 20 });
    expect((await call(service.url, '/sample?limit=7')).body).toEqual({ page: 1, limit: 7 });
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

  it('returns the correlation id of the request, or a new one when it is missing or malformed', async () => {
    const given = await call(service.url, '/sample', { headers: { 'x-correlation-id': 'abc-123' } });
    expect(given.headers['x-correlation-id']).toBe('abc-123');
    const made = await call(service.url, '/sample');
    expect(made.headers['x-correlation-id']).toMatch(/^[\da-f-]{36}$/);
    const bad = await call(service.url, '/sample', { headers: { 'x-correlation-id': 'a b"c' } });
    expect(bad.headers['x-correlation-id']).toMatch(/^[\da-f-]{36}$/);
  });

  it('has the context in the handler of a request with a body', async () => {
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    const request = json({ name: 'ok' });
    const answer = await call(service.url, '/sample', {
      ...request,
      headers: { ...request.headers, 'x-correlation-id': 'with-body', traceparent },
    });
    expect(answer.body).toEqual({ name: 'ok', correlationId: 'with-body', traceparent });
  });

  it('sends security headers with every answer, also with errors', async () => {
    for (const path of ['/sample', '/sample/broken', '/nothing', '/%', '/health/live', '/sample/mine']) {
      const { headers } = await call(service.url, path);
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['content-security-policy']).toContain("default-src 'none'");
      expect(headers['x-frame-options']).toBe('DENY');
      expect(headers['x-powered-by']).toBeUndefined();
    }
  });

  it('requires a token unless the route is public', async () => {
    const missing = await call(service.url, '/sample/mine');
    expect(missing.status).toBe(401);
    expect(missing.body.code).toBe('UNAUTHENTICATED');
    expect(missing.headers['www-authenticate']).toBe('Bearer');
    const token = await tokens.issue({ userId: 'u1', sessionId: 's1' });
    const answer = await call(service.url, '/sample/mine', { headers: { authorization: `Bearer ${token}` } });
    expect(answer.body).toEqual({ userId: 'u1', sessionId: 's1' });
    const forged = await call(service.url, '/sample/mine', { headers: { authorization: `Bearer ${token.slice(0, -4)}AAAA` } });
    expect(forged.status).toBe(401);
    const claimed = await call(service.url, '/sample/mine', { headers: { 'x-user-id': 'u1' } });
    expect(claimed.status).toBe(401);
  });

  it('serves its documents and health checks, and the metrics on another port', async () => {
    expect((await call(service.url, '/docs-json')).body.paths).toHaveProperty('/sample');
    expect((await call(service.url, '/health/live')).status).toBe(200);
    expect((await call(service.url, '/health/ready')).body).toEqual({ status: 'ready', checks: {} });
    expect((await call(service.url, '/metrics')).status).toBe(404);
    const metrics = await fetch(`http://127.0.0.1:${service.metricsPort}/metrics`);
    expect(await metrics.text()).toContain('http_request_duration_seconds_bucket');
  });

  it('passes correlation id and problems through a ServiceClient', async () => {
    const client = new ServiceClient({ baseUrl: service.url, serviceName: 'sample-service' });
    const made = await runInContext({ correlationId: 'from-client' }, () =>
      client.request<{ correlationId: string }>({ method: 'POST', path: '/sample', body: { name: 'x' } }),
    );
    expect(made.correlationId).toBe('from-client');
    await expect(client.request({ method: 'GET', path: '/sample/gone' })).rejects.toMatchObject({
      kind: 'not-found',
      code: 'sample/not-found',
      message: 'No such sample.',
      details: { hint: 'none' },
    });
    await client.close();
  });
});
