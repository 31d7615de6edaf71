import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningService } from '../src/bootstrap/index.js';
import { ServiceClient } from '../src/http/index.js';
import { runInContext } from '../src/observability/index.js';
import { TestTokens } from '../src/testing/index.js';
import { call, json } from './kit/http.js';
import { startSampleService } from './kit/sample-service.js';

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

  it('gives a page its defaults, and accepts any Int of GraphQL', async () => {
    expect((await call(service.url, '/sample?page=2147483647')).body).toEqual({ page: 2_147_483_647, limit: 20 });
    expect((await call(service.url, '/sample?limit=7')).body).toEqual({ page: 1, limit: 7 });
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
    expect((await call(service.url, '/health/ready')).body).toEqual({ status: 'ready' });
    expect((await call(service.url, '/metrics')).status).toBe(404);
    const metrics = await fetch(`http://127.0.0.1:${service.metricsPort}/metrics`);
    expect(await metrics.text()).toContain('http_request_duration_seconds_bucket');
    expect((await call(`http://127.0.0.1:${service.metricsPort}`, '/health/ready')).body).toEqual({ status: 'ready', checks: {} });
  });

  it('passes correlation id and problems through a ServiceClient', async () => {
    const client = new ServiceClient({ baseUrl: service.url, serviceName: 'chat-service' });
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
