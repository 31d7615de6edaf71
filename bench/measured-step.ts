import type { System } from '../scripts/system.ts';
import type { Load } from './open-loop.ts';
import { p50p99 } from './percentiles.ts';
import type { StepResult } from './step-result.ts';
import { cpuSeconds, difference, sumOf, type ByProcess } from './system-usage.ts';

export interface MeasuredStep extends StepResult {
  ratePerSecond: number;
  /** CPU milliseconds for each accepted message, without the load generator. */
  cpuMsPerMessage: ByProcess;
  /** How many cores the system used on average. */
  cores: number;
  /** How many cores this process used, which generates the load. */
  ownCores: number;
}

/** Sends at this rate and measures what it costs; waits at most 30 s for the last message. */
export async function measuredStep(generator: Load, system: System, ratePerSecond: number, seconds: number): Promise<MeasuredStep> {
  const [startedAt, before, ownBefore] = [performance.now(), cpuSeconds(system), process.cpuUsage()];
  const step = await generator.step(ratePerSecond, seconds, 30_000);
  const used = difference(before, cpuSeconds(system));
  const own = process.cpuUsage(ownBefore);
  const tookSeconds = (performance.now() - startedAt) / 1000;
  const cpuMsPerMessage = new Map([...used].map(([name, spent]) => [name, (spent * 1000) / step.accepted]));
  const ownCores = (own.user + own.system) / 1e6 / tookSeconds;
  return { ...step, ratePerSecond, cpuMsPerMessage, cores: sumOf(used) / tookSeconds, ownCores };
}

export function printStepHeader(title: string): void {
  console.log(`\n${title}\n`);
  console.log('| step | offered/s | accepted/s | accept p50/p99 ms | delivery p50/p99 ms | failed | lost | doubled | out of order |');
  console.log('| --- | --- | --- | --- | --- | --- | --- | --- | --- |');
}

export function printStep({ ratePerSecond, ...step }: MeasuredStep): void {
  const name = `${ratePerSecond}/s, ${step.seconds.toFixed(0)} s${step.isOverloaded ? ' (overloaded)' : ''}`;
  console.log(
    `| ${name} | ${step.offeredPerSecond.toFixed(0)} | ${step.acceptedPerSecond.toFixed(0)} | ${p50p99(step.acceptMs)} | ${p50p99(step.deliveryMs)} | ${step.failed} | ${step.lost} | ${step.doubled} | ${step.outOfOrder} |`,
  );
  for (const [reason, count] of step.failures) console.log(`  ${count} × ${reason}`);
}

/** CPU milliseconds per message: the sum and each process, the most expensive first. */
export function printCpu(steps: MeasuredStep[]): void {
  const names = [...(steps[0]?.cpuMsPerMessage ?? [])].toSorted(([, a], [, b]) => b - a).map(([name]) => name);
  if (names.length === 0) return console.log('\nCPU per message: measured on Linux only.');
  console.log(`\nCPU milliseconds per message, without the load generator:\n\n| rate | cores used | sum | ${names.join(' | ')} |`);
  console.log(`| --- | --- | --- |${names.map(() => ' --- |').join('')}`);
  for (const { ratePerSecond, cores, cpuMsPerMessage } of steps) {
    const each = names.map((name) => (cpuMsPerMessage.get(name) ?? Number.NaN).toFixed(2));
    console.log(`| ${ratePerSecond}/s | ${cores.toFixed(2)} | ${sumOf(cpuMsPerMessage).toFixed(2)} | ${each.join(' | ')} |`);
  }
}
