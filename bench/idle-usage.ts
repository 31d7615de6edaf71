import { setTimeout as sleep } from 'node:timers/promises';
import { SERVICES } from '../scripts/services.ts';
import type { System } from '../scripts/system.ts';
import { cpuSeconds, difference, residentBytes, sumOf } from './system-usage.ts';

const MEASURED_SECONDS = 30;

/** Waits without any work, and prints the CPU share and the resident memory of each process. The streams of the pairs stay open. */
export async function measureIdleUsage(system: System, { idleSeconds, pairs }: { idleSeconds: number; pairs: number }): Promise<void> {
  await sleep(idleSeconds * 1000);
  const [startedAt, before] = [performance.now(), cpuSeconds(system)];
  await sleep(MEASURED_SECONDS * 1000);
  const used = difference(before, cpuSeconds(system));
  const measuredSeconds = (performance.now() - startedAt) / 1000;
  const percent = (seconds: number) => ((seconds / measuredSeconds) * 100).toFixed(2);
  const memory = residentBytes(system);
  if (memory.size === 0) return console.log('\nCPU and memory at rest: measured on Linux only.');
  const mebibytes = (bytes: number) => (bytes / 2 ** 20).toFixed(0);
  console.log(`\nAt rest, after ${idleSeconds} s without work, ${pairs * 2} streams open:\n`);
  console.log('| process | % of a core | resident MiB |\n| --- | --- | --- |');
  const services = SERVICES.map(({ name }) => name);
  for (const [name, seconds] of used) console.log(`| ${name} | ${percent(seconds)} | ${mebibytes(memory.get(name) ?? Number.NaN)} |`);
  const ofServices = services.reduce((sum, name) => sum + (memory.get(name) ?? Number.NaN), 0);
  console.log(`| all | ${percent(sumOf(used))} | ${mebibytes(sumOf(memory))} |`);
  console.log(`\nThe ${services.length} services together: ${mebibytes(ofServices)} MiB.`);
}
