/**
 * `npm run bench`: measures the path of a message on a system of its own; all parts and the load generator run on one machine, fsync is on.
 * Open loop: sends are due at random times, and a latency counts from the time at which the send was due, so no waiting time is omitted.
 * Prints Markdown. BENCH_PAIRS, BENCH_SECONDS, BENCH_FIRST_RATE and BENCH_MAX_RATE change the size.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { GraphqlClient } from '@chat/testkit/graphql-client';
import { startSystem, type System } from '../scripts/system.ts';
import { cpuPerMessage, cpuSeconds } from './cpu-times.ts';
import { measureIdleSubscriptions } from './idle-subscriptions.ts';
import { p50p99, percentile } from './percentiles.ts';
import { LoadGenerator, type StepResult } from './load-generator.ts';

const number = (name: string, otherwise: number) => Number(process.env[name] ?? otherwise);
const PAIRS = number('BENCH_PAIRS', 100);
const SECONDS = number('BENCH_SECONDS', 30);
const FIRST_RATE = number('BENCH_FIRST_RATE', 500);
const MAX_RATE = number('BENCH_MAX_RATE', 6_000);
/** A step is sustained if at least this share of the offered sends was accepted in time, and deliveries kept up. */
const SUSTAINED_SHARE = 0.97;
const SUSTAINED_DELIVERY_P99_MS = 1_000;

function row(name: string, step: StepResult): string {
  return `| ${name} | ${step.offeredPerSecond.toFixed(0)} | ${step.acceptedPerSecond.toFixed(0)} | ${p50p99(step.acceptMs)} | ${p50p99(step.deliveryMs)} | ${step.failed} | ${step.lost} | ${step.doubled} | ${step.outOfOrder} |`;
}

function isSustained(step: StepResult): boolean {
  return (
    step.acceptedPerSecond >= SUSTAINED_SHARE * step.offeredPerSecond &&
    step.lost === 0 &&
    step.failed === 0 &&
    percentile(step.deliveryMs, 99) <= SUSTAINED_DELIVERY_P99_MS
  );
}

async function bench(system: System): Promise<void> {
  const client = new GraphqlClient(system.urls.graphql, 128);
  const generator = new LoadGenerator(client);
  console.log(`Preparing ${PAIRS} pairs with an open stream each …`);
  await generator.prepare(PAIRS);
  await generator.step(200, 10);
  console.log(
    `\n${os.cpus().length} × ${os.cpus()[0]?.model.trim()}, ${(os.totalmem() / 2 ** 30).toFixed(0)} GiB, Node ${process.version}; ${PAIRS} pairs, 256-byte texts\n`,
  );
  console.log('| step | offered/s | accepted/s | accept p50/p99 ms | delivery p50/p99 ms | failed | lost | doubled | out of order |');
  console.log('| --- | --- | --- | --- | --- | --- | --- | --- | --- |');
  const cpu: string[] = [];
  const measured = async (rate: number, seconds: number) => {
    const before = cpuSeconds(system);
    const step = await generator.step(rate, seconds, 30_000);
    console.log(row(`${rate}/s, ${seconds} s`, step));
    cpu.push(`- ${rate}/s: ${cpuPerMessage(before, cpuSeconds(system), step.accepted)}`);
    return step;
  };
  await measured(200, SECONDS);
  let best: StepResult | null = null;
  for (let rate = FIRST_RATE; rate <= MAX_RATE; rate = Math.round(rate * 1.2)) {
    const step = await measured(rate, 8);
    if (!isSustained(step)) break;
    best = step;
  }
  console.log(
    best
      ? `\nHighest sustained step (accepted ≥ ${SUSTAINED_SHARE * 100} % of offered in time, delivery p99 ≤ ${SUSTAINED_DELIVERY_P99_MS} ms, nothing failed or lost): ${best.acceptedPerSecond.toFixed(0)} accepted and delivered per second.`
      : '\nNo step was sustained.',
  );
  console.log(`\nCPU milliseconds per message:\n\n${cpu.join('\n')}`);
  generator.close();
  // The gateway is restarted: free space in the heap of a process that was under load would hide the memory of subscriptions.
  await system.services['api-gateway'].restart();
  await measureIdleSubscriptions(client, system);
  await client.close();
}

const dataDir = mkdtempSync(path.join(os.tmpdir(), 'chat-bench-'));
const system = await startSystem({ dataDir, logDir: path.join(dataDir, 'logs'), ports: 'free', env: { LOG_LEVEL: 'warn' } });
try {
  await bench(system);
} finally {
  await system.stop();
  rmSync(dataDir, { recursive: true, force: true });
}
