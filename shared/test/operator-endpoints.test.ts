import { afterEach, describe, expect, it } from 'vitest';
import { bootstrapService, type RunningService } from '../src/bootstrap/index.js';
import { ConfigError, loadConfig, MetricsConfig } from '../src/config/index.js';
import { call, configOf } from './kit/http.js';

class EmptyModule {}

const TOKEN = 'a token of the Prometheus server';
let service: RunningService | undefined;

async function start(env: NodeJS.ProcessEnv): Promise<{ url: string; metricsUrl: string }> {
  const before = ({ health }: { health: { register(name: string, check: () => Promise<void>): void } }) =>
    health.register('postgres at 10.0.0.7', () => Promise.reject(new Error('refused')));
  const config = Object.assign(configOf(env), { port: 0 });
  service = await bootstrapService({ name: 'sample', module: EmptyModule, config, before, openApi: { title: 'Sample' } });
  return { url: service.url, metricsUrl: `http://127.0.0.1:${service.metricsPort}` };
}

afterEach(async () => {
  await service?.stop();
  service = undefined;
});

describe('the OpenAPI document', () => {
  it('is served in development', async () => {
    const { url } = await start({});
    expect((await call(url, '/docs-json')).status).toBe(200);
  });

  it('is not served in production', async () => {
    const { url } = await start({ NODE_ENV: 'production' });
    expect((await call(url, '/docs-json')).status).toBe(404);
    expect((await call(url, '/docs')).status).toBe(404);
  });

  it('is served in production if API_DOCS is true, and not in development if it is false', async () => {
    expect((await call((await start({ NODE_ENV: 'production', API_DOCS: 'true' })).url, '/docs-json')).status).toBe(200);
    await service!.stop();
    expect((await call((await start({ API_DOCS: 'false' })).url, '/docs-json')).status).toBe(404);
  });
});

describe('readiness', () => {
  it('is answered on the port of the service without the names of dependencies, and on the port of the metrics with them', async () => {
    const { url, metricsUrl } = await start({});
    const told = await call(url, '/health/ready');
    expect([told.status, told.body]).toEqual([503, { status: 'not ready' }]);
    const operator = await call(metricsUrl, '/health/ready');
    expect([operator.status, operator.body]).toEqual([503, { status: 'not ready', checks: { 'postgres at 10.0.0.7': 'unavailable' } }]);
  });
});

describe('metrics', () => {
  it('are on a loopback address unless METRICS_HOST names another one, whatever HOST is', () => {
    expect(loadConfig(MetricsConfig, { HOST: '0.0.0.0' }).host).toBe('127.0.0.1');
  });

  it('need METRICS_TOKEN before they may leave the machine', () => {
    for (const METRICS_HOST of ['0.0.0.0', '::', '10.0.0.5', '127.evil.example'])
      expect(() => loadConfig(MetricsConfig, { METRICS_HOST })).toThrow(ConfigError);
    expect(loadConfig(MetricsConfig, { METRICS_HOST: '0.0.0.0', METRICS_TOKEN: TOKEN }).host).toBe('0.0.0.0');
    for (const METRICS_HOST of ['127.0.0.1', '127.0.0.2', '::1', 'localhost'])
      expect(loadConfig(MetricsConfig, { METRICS_HOST }).host).toBe(METRICS_HOST);
  });

  it('with METRICS_TOKEN are answered only to a request that has it', async () => {
    const { metricsUrl } = await start({ METRICS_TOKEN: TOKEN });
    const wrong: Record<string, string>[] = [
      {},
      { authorization: TOKEN },
      { authorization: `Bearer ${TOKEN}x` },
      { authorization: 'Bearer a b' },
    ];
    for (const headers of wrong)
      for (const path of ['/metrics', '/health/ready']) expect((await call(metricsUrl, path, { headers })).status).toBe(401);
    const authorization = `Bearer ${TOKEN}`;
    expect((await fetch(`${metricsUrl}/metrics`, { headers: { authorization } })).status).toBe(200);
    expect((await call(metricsUrl, '/health/ready', { headers: { authorization } })).status).toBe(503);
  });
});
