import { loadavg } from 'node:os';
import type { MeasuredStep } from './measured-step.ts';
import { p50p99 } from './percentiles.ts';
import { sumOf } from './system-usage.ts';

/** A step of a group of so many members. */
export interface GroupStep extends MeasuredStep {
  members: number;
}

export function printGroupSteps(steps: GroupStep[]): void {
  const columns = ['members', 'messages/s', 'messages', 'accept p50/p99 ms', 'last socket p50/p99 ms', 'failed', 'lost', 'doubled'];
  console.log(`\n| ${[...columns, 'out of order', 'other events', 'load average'].join(' | ')} |`);
  console.log(`|${' --- |'.repeat(columns.length + 3)}`);
  for (const step of steps) {
    const counts = [step.failed, step.lost, step.doubled, step.outOfOrder, step.otherEvents ?? 0];
    const latencies = [p50p99(step.acceptMs), p50p99(step.deliveryMs)];
    console.log(`| ${[step.members, step.ratePerSecond, step.accepted, ...latencies, ...counts, loadavg()[0]!.toFixed(1)].join(' | ')} |`);
    for (const [reason, count] of step.failures) console.log(`  ${count} × ${reason}`);
  }
}

/** A delivery is one event at one socket. Receipts are such events as well, and cost as much as messages. */
export function printCpuPerDelivery(steps: GroupStep[]): void {
  const names = [...(steps.at(-1)?.cpuMsPerMessage ?? [])].toSorted(([, a], [, b]) => b - a).map(([name]) => name);
  if (names.length === 0) return console.log('\nCPU per delivery: measured on Linux only.');
  console.log('\nDeliveries, how many cores the system and the load generator used, and CPU microseconds per delivery of each process:\n');
  const columns = ['members', 'messages/s', 'message deliveries/s', 'other deliveries/s', 'cores', 'cores of the load generator'];
  console.log(
    `| ${[...columns, 'load generator', 'system', ...names].join(' | ')} |\n|${' --- |'.repeat(columns.length + names.length + 2)}`,
  );
  for (const step of steps) {
    const { members, accepted, seconds, otherEvents = 0, cpuMsPerMessage, cores, ownCores } = step;
    const deliveries = accepted * members + otherEvents;
    const micros = (msPerMessage: number) => ((msPerMessage * accepted * 1000) / deliveries).toFixed(1);
    const ofSystem = sumOf(cpuMsPerMessage);
    const rates = [step.acceptedPerSecond * members, otherEvents / seconds].map((rate) => rate.toFixed(0));
    const each = names.map((name) => micros(cpuMsPerMessage.get(name) ?? Number.NaN));
    const values = [members, step.ratePerSecond, ...rates, cores.toFixed(2), ownCores.toFixed(2), micros((ofSystem * ownCores) / cores)];
    console.log(`| ${[...values, micros(ofSystem), ...each].join(' | ')} |`);
  }
}
