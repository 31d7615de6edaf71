import type { System } from '../scripts/system.ts';
import type { LoadGenerator } from './load-generator.ts';
import { measuredStep, printCpu, printStep, printStepHeader, type MeasuredStep } from './measured-step.ts';
import type { PostgresCounters, PostgresCounts } from './postgres-counters.ts';

/**
 * A server process of PostgreSQL that has become idle reports its last second only after 10 s, and services may write some things later. At the
 * same rate before the measurement, as much of it comes in from before as is missing at the end.
 */
const RUN_IN_SECONDS = 12;

/** Measures what a message costs at fixed rates: CPU of each process, PostgreSQL's transactions and WAL. */
export async function measureFixedRates(
  generator: LoadGenerator,
  system: System,
  counters: PostgresCounters,
  { rates, seconds }: { rates: number[]; seconds: number },
): Promise<void> {
  printStepHeader('Fixed rates:');
  const steps: MeasuredStep[] = [];
  const postgres: string[] = [];
  for (const rate of rates) {
    await generator.step(rate, RUN_IN_SECONDS);
    const before = await counters.read();
    const step = await measuredStep(generator, system, rate, seconds);
    const after = await counters.read();
    printStep(step);
    steps.push(step);
    postgres.push(`| ${rate}/s | ${perMessage(before, after, step.accepted)} |`);
  }
  printCpu(steps);
  console.log('\nPostgreSQL per message:\n\n| rate | transactions | WAL flushes | WAL records | WAL bytes | full-page images |');
  console.log(`| --- | --- | --- | --- | --- | --- |\n${postgres.join('\n')}`);
}

function perMessage(before: PostgresCounts, after: PostgresCounts, messages: number): string {
  const columns: [keyof PostgresCounts, digits: number][] = [
    ['transactions', 2],
    ['walFlushes', 2],
    ['walRecords', 1],
    ['walBytes', 0],
    ['fullPageImages', 2],
  ];
  return columns.map(([name, digits]) => ((after[name] - before[name]) / messages).toFixed(digits)).join(' | ');
}
