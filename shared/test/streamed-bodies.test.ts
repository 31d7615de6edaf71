import { Controller, Module, Patch, Put, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bootstrapService, type RunningService } from '../src/bootstrap/index.js';
import { CommonConfig, Env, loadConfig } from '../src/config/index.js';
import { AppError } from '../src/errors/index.js';

class SampleConfig extends CommonConfig {
  @Env({ name: 'PORT', type: 'int', default: 0, description: 'Port' })
  port: number;
}

@Controller()
class SampleController {
  @Put('stream')
  async stream(@Req() { raw }: FastifyRequest) {
    let bytes = 0;
    for await (const chunk of raw) bytes += (chunk as Buffer).length;
    return { bytes };
  }

  @Put('refused')
  refused() {
    throw new AppError('too-large', 'sample/too-large', 'Too large.');
  }

  @Patch('plain')
  plain() {
    return {};
  }
}

@Module({ controllers: [SampleController] })
class SampleModule {}

describe('routes that stream their bodies', () => {
  let service: RunningService;
  beforeAll(async () => {
    service = await bootstrapService({
      name: 'sample',
      module: SampleModule,
      config: loadConfig(SampleConfig, { PORT: '0', LOG_LEVEL: 'silent' }),
      streamedBodies: { routes: ['PUT /stream', 'PUT /refused'], withinMs: 60_000, othersWithinMs: 300 },
    });
  });
  afterAll(() => service.stop());

  const send = (method: string, path: string, type: string, body: string | Uint8Array<ArrayBuffer>) =>
    fetch(service.url + path, { method, body, headers: { 'content-type': type } });

  it('get bytes beyond the limit of other bodies', async () => {
    const answer = await send('PUT', '/stream', 'application/octet-stream', new Uint8Array(5_000_000));
    expect([answer.status, await answer.json()]).toEqual([200, { bytes: 5_000_000 }]);
  });

  it('get JSON as it was sent, also JSON that is not valid', async () => {
    for (const type of ['application/json', 'Application/JSON; charset=utf-8'])
      expect(await (await send('PUT', '/stream', type, '{ "a": ')).json()).toEqual({ bytes: 7 });
  });

  it('are the only ones that accept such bodies', async () => {
    const form = new FormData();
    form.append('file', new Blob(['x']));
    expect((await send('PATCH', '/plain', 'application/octet-stream', 'x')).status).toBe(400);
    expect((await fetch(`${service.url}/plain`, { method: 'PATCH', body: form })).status).toBe(400);
    expect((await send('PATCH', '/plain', 'application/json', '{}')).status).toBe(200);
  });

  it('may take longer than others, whose connections are closed', async () => {
    const slow = await openRequest('PUT /stream', 'application/octet-stream', 2);
    const other = await openRequest('PATCH /plain', 'application/json', 2);
    await once(other, 'close');
    slow.write('xx');
    expect(((await once(slow, 'data')) as [Buffer])[0].toString()).toContain('200 OK');
    slow.destroy();
  });

  it('that refuse a body answer at once, and the connection of a client that goes on sending is closed', async () => {
    const connection = await openRequest('PUT /refused', 'application/octet-stream', 1_000_000_000);
    const closed = once(connection, 'close');
    const [answer] = (await once(connection, 'data')) as [Buffer];
    expect(answer.toString()).toContain('413');
    const timer = setInterval(() => connection.write(Buffer.alloc(1000)), 20);
    await closed;
    clearInterval(timer);
  });

  async function openRequest(request: string, type: string, length: number) {
    const connection = connect(service.port, '127.0.0.1');
    connection.on('error', () => {});
    await once(connection, 'connect');
    connection.write(`${request} HTTP/1.1\r\nhost: x\r\ncontent-type: ${type}\r\ncontent-length: ${length}\r\n\r\n`);
    return connection;
  }
});
