import { FaultProxy } from '@chat/testkit/fault-proxy';
import { Controller, Get, Module, Post } from '@nestjs/common';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { Public } from '../src/auth/index.js';
import { bootstrapService } from '../src/bootstrap/index.js';
import { DatabaseConfig } from '../src/config/index.js';
import { createDataSource } from '../src/database/index.js';
import { eventually, testInfra } from '../src/testing/index.js';
import { call, configOf } from './kit/http.js';

describe('a service that stops', () => {
  it('finishes the request in progress, is not ready meanwhile, and then accepts no connection', async () => {
    let finish: (() => void) | undefined;
    @Controller('slow')
    class SlowController {
      @Get()
      async slow() {
        await new Promise<void>((resolve) => (finish = resolve));
        return { done: true };
      }
    }
    @Module({ controllers: [SlowController] })
    class SlowModule {}

    const service = await bootstrapService({ name: 'slow', module: () => SlowModule, config: configOf() });
    const slow = call(service.url, '/slow');
    await eventually(() => finish !== undefined);
    const stopped = service.stop();
    const late = await call(service.url, '/health/live').catch((error: NodeJS.ErrnoException) => error);
    expect('status' in late ? late.status : late.code).toSatisfy((outcome) =>
      [503, 'ECONNREFUSED', 'ECONNRESET'].includes(outcome as never),
    );
    finish!();
    expect(await slow).toMatchObject({ status: 200, body: { done: true } });
    await stopped;
    await expect(call(service.url, '/health/live')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  const HEAD = 'POST /large HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\nContent-Length: 2\r\n';
  it.each([
    ['has sent nothing', ''],
    ['has sent a part of a request', HEAD],
    ['does not finish the body of a request', `${HEAD}\r\n{`],
    ['does not read its answers', `${HEAD}\r\n{}`.repeat(20)],
  ])('does not wait for a client that %s', async (_, text) => {
    let answered = 0;
    @Controller('large')
    class LargeController {
      @Public()
      @Post()
      large() {
        answered += 1;
        return { text: 'x'.repeat(1_000_000) };
      }
    }
    @Module({ controllers: [LargeController] })
    class LargeModule {}

    const service = await bootstrapService({ name: 'large', module: () => LargeModule, config: configOf() });
    const client = connect(service.port, '127.0.0.1')
      .pause()
      .on('error', () => undefined);
    await once(client, 'connect');
    client.write(text);
    // Another connection, so the service has read by now what was sent before.
    await call(service.url, '/health/live');
    if (text.endsWith('{}')) await eventually(() => answered > 0);
    await expect(service.stop()).resolves.toBeUndefined();
    client.destroy();
  });
});

describe('a service whose database is unavailable', () => {
  it('is live but not ready, starts as soon as the database is available, and survives a later outage', async () => {
    const target = new URL(testInfra().postgresUrl);
    const proxy = await FaultProxy.start(target.href, 5432);
    proxy.refuse();

    const config = Object.assign(configOf({ METRICS_PORT: '0' }), { port: 20_150 });
    const dataSource = createDataSource({
      config: DatabaseConfig.fromUrl(proxy.urlFor(target.href)),
      schema: 'public',
      entities: [],
      migrations: [],
      applicationName: 'test',
    });
    @Controller('count')
    class CountController {
      @Public()
      @Get()
      count() {
        return dataSource.query('select 1 as one');
      }
    }
    @Module({ controllers: [CountController] })
    class CountModule {}

    const starting = bootstrapService({ name: 'waiting', module: () => CountModule, config, dataSource });
    const base = `http://127.0.0.1:${config.port}`;
    await eventually(async () => (await call(base, '/health/live')).status === 200);
    expect((await call(base, '/health/ready')).status).toBe(503);
    expect((await call(base, '/anything')).body.code).toBe('UNAVAILABLE');

    proxy.resume();
    const service = await starting;
    const forOperators = `http://127.0.0.1:${service.metricsPort}`;
    expect((await call(base, '/health/ready')).body).toEqual({ status: 'ready' });
    expect((await call(forOperators, '/health/ready')).body).toEqual({ status: 'ready', checks: { database: 'ok' } });
    expect((await call(base, '/count')).status).toBe(200);

    proxy.refuse();
    expect(await call(base, '/count')).toMatchObject({ status: 503, body: { code: 'UNAVAILABLE' } });
    expect((await call(base, '/health/ready')).status).toBe(503);
    expect((await call(forOperators, '/health/ready')).body).toMatchObject({ checks: { database: 'unavailable' } });
    expect((await call(base, '/health/live')).status).toBe(200);

    proxy.resume();
    await eventually(async () => (await call(base, '/count')).status === 200);
    await service.stop();
    await proxy.close();
  });
});
