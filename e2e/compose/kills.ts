import { setTimeout as sleep } from 'node:timers/promises';
import type { SteadyLoad } from '@chat/testkit/load';
import { SERVICES } from '../../scripts/services.ts';
import { progress } from '../../scripts/progress.ts';
import { faultsOf, longestGapMs } from '../chaos/report.ts';
import type { Checks } from './checks.ts';
import { crash, isHealthyAgain, stateOf } from './container-state.ts';
import type { Installation } from './installation.ts';

const KILLED = [...SERVICES.map(({ name }) => name), 'haproxy', 'postgres', 'redis', 'kafka', 'registry'];
const HEALTHY_WITHIN_MS = 600_000;
const COMPLETE_WITHIN_MS = 300_000;

/** Kills one container of each kind under a load, one after the other: each must come back by its restart policy. */
export async function killEach(installation: Installation, load: SteadyLoad, checks: Checks, signal: AbortSignal): Promise<void> {
  load.start();
  for (const name of KILLED) {
    signal.throwIfAborted();
    await sleep(2_000);
    const container = await installation.container(name);
    const before = await stateOf(container);
    const from = load.acknowledged;
    const killedAt = Date.now();
    await crash(before);
    const isBack = await isHealthyAgain(container, before, HEALTHY_WITHIN_MS);
    const seconds = (Date.now() - killedAt) / 1000;
    const goesOn = isBack && (await untilAcknowledged(load, load.acknowledged + 40));
    const gap = (longestGapMs(load, Math.max(0, from - 1)) / 1000).toFixed(1);
    checks.add(`${name}, killed, is healthy again after ${seconds.toFixed(0)} s (longest time without an acknowledged send: ${gap} s)`, [
      ...(isBack ? [] : [`it is not healthy ${HEALTHY_WITHIN_MS / 1000} s after it was killed`]),
      ...(!isBack || goesOn ? [] : ['no message is acknowledged any more']),
    ]);
  }
  await endOf(load, checks, 'no message is lost, doubled or out of order after the kills');
}

/** Stops the load and compares what every user received with what was acknowledged. */
export async function endOf(load: SteadyLoad, checks: Checks, what: string): Promise<void> {
  await load.stop();
  const faults = [...faultsOf(await load.settle(COMPLETE_WITHIN_MS)), ...(await load.checkHistory())];
  if (load.unrecovered > 0) faults.push(`${load.unrecovered} streams were not recovered`);
  progress(`${load.acknowledged} messages acknowledged, ${load.retries} sends retried: ${reasonsOf(load)}`);
  checks.add(what, faults);
  await load.close();
}

export const reasonsOf = (load: SteadyLoad): string => [...load.reasons].map(([reason, times]) => `${times}× ${reason}`).join('; ');

async function untilAcknowledged(load: SteadyLoad, count: number): Promise<boolean> {
  for (const deadline = Date.now() + HEALTHY_WITHIN_MS; load.acknowledged < count; await sleep(100)) {
    if (Date.now() > deadline) return false;
  }
  return true;
}
