/**
 * `npm run bench:transport`: the transport between gateway and chat-service, ours (shared/src/rpc) against Nest's own TCP. Each serves the same
 * `@MessagePattern` handler from a process of its own; this process is the client. The rounds alternate, and the medians are printed as Markdown.
 * BENCH_ROUNDS and BENCH_SECONDS change the size.
 */
import 'reflect-metadata';
import { RpcClient, RpcRecord, RpcServer } from '@chat/shared/rpc';
import { silentLog } from '@chat/shared/observability';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ClientTCP, type CustomTransportStrategy, MessagePattern, Payload, ServerTCP } from '@nestjs/microservices';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { firstValueFrom, timeout } from 'rxjs';
import { percentile } from './percentiles.ts';

const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 3);
const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 3);
const DEADLINE_MS = 3_000;
const PATTERN = 'sendMessage';
const PORTS = { 'Nest TCP': 21_411, ours: 21_412 } as const;
type Transport = keyof typeof PORTS;

const CONTENT = 'Words of a message of 256 characters. '.repeat(7).slice(0, 256);
const BODY = {
  conversationId: '0195c0de-0000-7000-8000-00000000000a',
  content: CONTENT,
  clientMessageId: '0195c0de-0000-7000-8000-00000000000b',
};
/** As long as an access token of auth-service. */
const TOKEN = 'e'.repeat(460);

class SendController {
  async send({ conversationId, content, clientMessageId }: typeof BODY) {
    return {
      id: '0195c0de-0000-7000-8000-00000000000c',
      conversationId,
      seq: 12_345,
      senderId: '0195c0de-0000-7000-8000-00000000000d',
      receiverId: '0195c0de-0000-7000-8000-00000000000e',
      content,
      clientMessageId,
      status: 'SENT',
      createdAt: '2026-01-01T00:00:00.000Z',
      deletedAt: null,
      readAt: null,
    };
  }
}

async function serve(transport: Transport): Promise<void> {
  // Decorators called as functions: Node strips types only.
  Controller()(SendController);
  MessagePattern(PATTERN)(SendController.prototype, 'send', Object.getOwnPropertyDescriptor(SendController.prototype, 'send') as never);
  Payload(...(transport === 'ours' ? [] : (['body'] as never[])))(SendController.prototype, 'send', 0);
  class ServerModule {}
  Module({ controllers: [SendController] })(ServerModule);
  const address = { host: '127.0.0.1', port: PORTS[transport] };
  const strategy: CustomTransportStrategy =
    // Without a guard no connection authenticates.
    transport === 'ours' ? new RpcServer({ ...address, authenticateWithinMs: 3_600_000, logger: silentLog }) : new ServerTCP(address);
  await (await NestFactory.createMicroservice(ServerModule, { strategy, logger: false })).listen();
  process.on('message', () => process.send?.(cpuMs()));
  process.on('disconnect', () => process.exit());
  process.send?.('listening');
}

function clientOf(transport: Transport): { client: { close(): unknown }; send: () => Promise<unknown> } {
  const address = { host: '127.0.0.1', port: PORTS[transport] };
  if (transport === 'ours') {
    const client = new RpcClient({ ...address, serviceName: 'chat-service', timeoutMs: DEADLINE_MS });
    return { client, send: () => firstValueFrom(client.send(PATTERN, new RpcRecord(BODY, { token: TOKEN }))) };
  }
  const client = new ClientTCP(address);
  // What our own lines carry besides the body.
  const packet = { body: BODY, token: TOKEN, correlationId: null, traceparent: null };
  return { client, send: () => firstValueFrom(client.send(PATTERN, packet).pipe(timeout(DEADLINE_MS))) };
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

async function serverCpuMs(server: ChildProcess): Promise<number> {
  server.send('cpu');
  const [ms] = (await once(server, 'message')) as [number];
  return ms;
}

/** Sends again as soon as an answer is there, `concurrency` at a time. */
async function closedLoop(send: () => Promise<unknown>, concurrency: number, seconds: number): Promise<number> {
  const end = performance.now() + seconds * 1000;
  let calls = 0;
  const worker = async () => {
    for (; performance.now() < end; calls++) await send();
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return calls;
}

/** Sends at random moments, whether or not earlier ones were answered. */
async function openLoop(send: () => Promise<unknown>, perSecond: number, seconds: number): Promise<number[]> {
  const latencies: number[] = [];
  const open: Promise<void>[] = [];
  const begin = performance.now();
  for (let due = begin; due < begin + seconds * 1000; due += (-Math.log(1 - Math.random()) * 1000) / perSecond) {
    const wait = due - performance.now();
    if (wait > 0.5) await sleep(wait);
    open.push(send().then(() => void latencies.push(performance.now() - due)));
  }
  await Promise.all(open);
  return latencies;
}

type Figures = Record<string, number>;

async function round(transport: Transport, server: ChildProcess): Promise<Figures> {
  const { client, send } = clientOf(transport);
  await closedLoop(send, 32, 1);
  const figures: Figures = {};
  const measured = async (name: string, load: () => Promise<number>) => {
    const [clientBefore, serverBefore] = [cpuMs(), await serverCpuMs(server)];
    const begin = performance.now();
    const calls = await load();
    const seconds = (performance.now() - begin) / 1000;
    if (calls > 0) figures[`${name}: calls/s`] = calls / seconds;
    const per = calls > 0 ? calls : seconds;
    const unit = calls > 0 ? 'a call' : 'a second';
    figures[`${name}: CPU ms ${unit}, client`] = (cpuMs() - clientBefore) / per;
    figures[`${name}: CPU ms ${unit}, server`] = ((await serverCpuMs(server)) - serverBefore) / per;
  };
  for (const concurrency of [1, 32, 200]) await measured(`${concurrency} at once`, () => closedLoop(send, concurrency, SECONDS));
  await measured('200/s', async () => {
    const latencies = await openLoop(send, 200, SECONDS * 2);
    for (const p of [50, 99]) figures[`200/s: p${p} ms`] = percentile(latencies, p);
    return latencies.length;
  });
  await measured('idle', async () => (await sleep(SECONDS * 1000), 0));
  await client.close();
  return figures;
}

async function main(): Promise<void> {
  const transports = Object.keys(PORTS) as Transport[];
  const servers = transports.map((transport) => fork(fileURLToPath(import.meta.url), [transport]));
  await Promise.all(servers.map((server) => once(server, 'message')));
  const rounds: Record<Transport, Figures[]> = { 'Nest TCP': [], ours: [] };
  for (let n = 0; n < ROUNDS; n++)
    for (const [i, transport] of transports.entries()) rounds[transport].push(await round(transport, servers[i] as ChildProcess));
  console.log(`| measured | ${transports.join(' | ')} | ours / Nest TCP |\n| --- | --- | --- | --- |`);
  for (const name of Object.keys(rounds.ours[0] ?? {})) {
    const [nest, ours] = transports.map((transport) =>
      percentile(
        rounds[transport].map((figures) => figures[name] as number),
        50,
      ),
    ) as [number, number];
    const show = (value: number) => (value >= 100 ? value.toFixed(0) : value.toFixed(3));
    console.log(`| ${name} | ${show(nest)} | ${show(ours)} | ${(ours / nest).toFixed(2)} |`);
  }
  for (const server of servers) server.disconnect();
}

const [role] = process.argv.slice(2);
await (role === undefined ? main() : serve(role as Transport));
