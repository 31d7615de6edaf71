import { isClean, type DeliveryReport } from '@chat/testkit/delivery-check';
import type { SteadyLoad, StreamReport } from '@chat/testkit/load';

/** The result of one stage of a chaos test. */
export interface StageResult {
  stage: string;
  acknowledged: number;
  retries: number;
  /** The longest time between two acknowledgements. */
  longestGapMs: number;
  /** From the end of the fault until every stream was complete. */
  completeAfterMs: number;
  faults: string[];
}

/** The delivery faults of all streams, in words; empty if every message arrived once and in order. */
export function faultsOf(reports: DeliveryReport[]): string[] {
  return reports
    .filter((report) => !isClean(report))
    .flatMap((r) => [
      ...(r.lost.length ? [`${r.lost.length} lost, ${r.lost[0]} first`] : []),
      ...(r.doubled.length ? [`${r.doubled.length} twice, ${r.doubled[0]} first`] : []),
      ...(r.outOfOrder.length ? [`${r.outOfOrder.length} out of order, ${r.outOfOrder[0]} first`] : []),
    ]);
}

/**
 * The delivery faults of streams whose log was lost. No stream repeats a message or goes back; one that lacks messages was told
 * `recovered: false`, so that its client loads them from the history, and receives the messages after that.
 */
export function faultsOfLostLog(reports: StreamReport[]): string[] {
  const told = reports.filter(({ unrecovered }) => unrecovered > 0);
  const silent = told.filter(({ hasLast }) => !hasLast).length;
  return [
    ...faultsOf(reports.filter(({ unrecovered }) => unrecovered === 0)).map((fault) => `in silence: ${fault}`),
    ...faultsOf(told.map((report) => ({ ...report, lost: [], outOfOrder: report.backwards }))),
    ...(silent > 0 ? [`${silent} streams received nothing any more`] : []),
  ];
}

/** The longest time between two acknowledgements of a load, from the n-th on. */
export function longestGapMs(load: SteadyLoad, from = 0): number {
  const times = load.acknowledgedAt.slice(from);
  return times.reduce((longest, time, n) => Math.max(longest, time - (times[n - 1] ?? time)), 0);
}

/** Prints the stages as a Markdown table; true if no stage had a fault. */
export function printStages(stages: StageResult[]): boolean {
  console.log('\n| stage | acknowledged | retried sends | longest gap between acknowledgements | every stream complete after | faults |');
  console.log('| --- | --- | --- | --- | --- | --- |');
  for (const s of stages) {
    const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
    console.log(
      `| ${s.stage} | ${s.acknowledged} | ${s.retries} | ${seconds(s.longestGapMs)} | ${seconds(s.completeAfterMs)} | ${s.faults.join('; ') || 'none'} |`,
    );
  }
  return stages.every((stage) => stage.faults.length === 0);
}
