import { Injectable } from '@nestjs/common';
import { TimeoutError, withTimeout } from '../async/index.js';

/** The outcome of all readiness checks. */
export interface HealthReport {
  ready: boolean;
  /** The name of each check, with `ok` or the reason why it failed. */
  checks: Record<string, string>;
}

/** The readiness checks of this process. `report` runs them in parallel, each for at most two seconds. */
@Injectable()
export class HealthChecks {
  readonly #checks = new Map<string, () => Promise<unknown>>();
  #stopping = false;

  /** Adds a check, or replaces the one of that name. A check rejects while its dependency is unavailable. */
  register(name: string, check: () => Promise<unknown>): void {
    this.#checks.set(name, check);
  }

  unregister(name: string): void {
    this.#checks.delete(name);
  }

  /** Makes the process unready, because it is about to stop. */
  beginStop(): void {
    this.#stopping = true;
  }

  async report(timeoutMs = 2000): Promise<HealthReport> {
    const results = await Promise.all([...this.#checks].map(async ([name, check]) => [name, await runCheck(check, timeoutMs)] as const));
    if (this.#stopping) results.push(['process', 'stopping']);
    return { ready: results.every(([, result]) => result === 'ok'), checks: Object.fromEntries(results) };
  }
}

async function runCheck(check: () => Promise<unknown>, timeoutMs: number): Promise<string> {
  try {
    await withTimeout(check(), timeoutMs);
    return 'ok';
  } catch (error) {
    // The reason may name hosts; it is in the log of the dependency's own client.
    return error instanceof TimeoutError ? error.message : 'unavailable';
  }
}
