import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Calls `fn` until it neither rejects nor gives false, and gives its result; after `timeoutMs`, rejects with its last failure. The default is
 * only there for a test that would hang, a little less than the limit of a test: how long a working system takes depends on the machine.
 */
export async function eventually<T>(fn: () => T | Promise<T>, { timeoutMs = 50_000, intervalMs = 25 } = {}): Promise<Exclude<T, false>> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    let failure: unknown;
    try {
      const result = await fn();
      if (result !== false) return result as Exclude<T, false>;
      failure = new Error('still false');
    } catch (error) {
      failure = error;
    }
    if (performance.now() >= deadline)
      throw new Error(`did not come true within ${timeoutMs} ms: ${(failure as Error)?.message ?? String(failure)}`, { cause: failure });
    await sleep(intervalMs);
  }
}
