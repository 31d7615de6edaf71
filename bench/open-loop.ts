import { setTimeout as sleep } from 'node:timers/promises';
import type { StepResult } from './step-result.ts';

/** What sends messages at a rate, and measures them. */
export interface Load {
  /** Sends at this rate, and then waits at most so long for the last message. */
  step(ratePerSecond: number, seconds: number, drainMs?: number): Promise<StepResult>;
}

export interface OpenLoop {
  ratePerSecond: number;
  seconds: number;
  /** How long the messages under way are waited for at the end. */
  drainMs: number;
  /** Sends one message that was due at this time (performance.now()); never rejects. */
  send(dueAt: number): Promise<void>;
  /** Messages that were accepted and have not arrived. */
  undelivered(): number;
}

/**
 * Sends at random times (Poisson arrivals), whether or not earlier sends were answered. More than three seconds of messages under way (300 at least)
 * end it early.
 */
export async function runOpenLoop(loop: OpenLoop): Promise<{ startedAt: number; endedAt: number; isOverloaded: boolean }> {
  const { ratePerSecond, seconds } = loop;
  const startedAt = performance.now();
  let endedAt = startedAt + seconds * 1000;
  let due = startedAt;
  let pending = 0;
  let isOverloaded = false;
  const underWay = () => pending + loop.undelivered();
  while (due < endedAt && !isOverloaded) {
    const now = performance.now();
    for (; due <= now && due < endedAt; due += (-Math.log(1 - Math.random()) * 1000) / ratePerSecond) {
      pending += 1;
      // A timer is up to 2 ms late, which is not a latency of the system.
      void loop.send(now - due < 2 ? now : due).finally(() => (pending -= 1));
    }
    isOverloaded = underWay() > Math.max(300, 3 * ratePerSecond);
    await sleep(Math.min(2, Math.max(0, due - now)));
  }
  if (isOverloaded) endedAt = performance.now();
  const deadline = performance.now() + loop.drainMs;
  while (performance.now() < deadline && underWay() > 0) await sleep(50);
  return { startedAt, endedAt, isOverloaded };
}
