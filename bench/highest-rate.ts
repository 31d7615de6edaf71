import { setTimeout as sleep } from 'node:timers/promises';
import type { System } from '../scripts/system.ts';
import { measuredStep, printCpu, printStep, printStepHeader, type MeasuredStep } from './measured-step.ts';
import type { Load } from './open-loop.ts';
import { percentile } from './percentiles.ts';
import { nextRate } from './rate-search.ts';
import type { StepResult } from './step-result.ts';

const STEP_SECONDS = 8;
const ACCEPTED_IN_TIME = 0.95;
const DELIVERY_P99_MS = 250;

/** Whether the system kept up with the offered rate. */
function isSustained(step: StepResult): boolean {
  return (
    !step.isOverloaded &&
    step.acceptedPerSecond >= ACCEPTED_IN_TIME * step.offeredPerSecond &&
    step.lost === 0 &&
    step.failed === 0 &&
    percentile(step.deliveryMs, 99) <= DELIVERY_P99_MS
  );
}

/** Searches for the highest rate that is sustained, and prints what a message costs there. Returns the sustained steps, the lowest rate first. */
export async function measureHighestRate(
  generator: Load,
  system: System,
  { firstRate, maxRate }: { firstRate: number; maxRate: number },
): Promise<MeasuredStep[]> {
  printStepHeader('Steps:');
  const tried = { first: firstRate, max: maxRate, sustained: 0, failed: Infinity };
  const steps: MeasuredStep[] = [];
  const attempt = async (rate: number): Promise<MeasuredStep> => {
    const step = await measuredStep(generator, system, rate, STEP_SECONDS);
    printStep(step);
    if (!isSustained(step)) await sleep(2_000);
    return step;
  };
  for (let rate = nextRate(tried); rate !== null; rate = nextRate(tried)) {
    let step = await attempt(rate);
    // Once more: other work of the machine may have been the reason.
    if (!isSustained(step) && !step.isOverloaded) step = await attempt(rate);
    if (isSustained(step)) {
      tried.sustained = rate;
      steps.push(step);
    } else {
      tried.failed = rate;
    }
  }
  const rule = `accepted ≥ ${ACCEPTED_IN_TIME * 100} % of offered in time, delivery p99 ≤ ${DELIVERY_P99_MS} ms, nothing failed or lost`;
  const best = steps.find((step) => step.ratePerSecond === tried.sustained);
  console.log(
    best ? `\nHighest sustained rate (${rule}): ${best.acceptedPerSecond.toFixed(0)} per second.` : `\nNo rate was sustained (${rule}).`,
  );
  const sustained = steps.toSorted((a, b) => a.ratePerSecond - b.ratePerSecond);
  if (best) printCpu(sustained);
  return sustained;
}
