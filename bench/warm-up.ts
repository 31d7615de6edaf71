import type { Load } from './open-loop.ts';

const RATE = 200;
const STEP_SECONDS = 10;

/**
 * Sends so many messages before anything is measured: the compilers of V8 and of the JVM optimise what ran often, and after 5,000 messages a
 * message still costs half as much again as later. On a machine that cannot keep up, steps end early, and it takes longer.
 */
export async function warmUp(generator: Load, messages: number, rate = RATE): Promise<void> {
  const startedAt = performance.now();
  let accepted = 0;
  while (accepted < messages) accepted += (await generator.step(rate, Math.min(STEP_SECONDS, (messages - accepted) / rate))).accepted;
  console.log(`Warm-up: ${accepted} messages in ${((performance.now() - startedAt) / 1000).toFixed(0)} s.`);
}
