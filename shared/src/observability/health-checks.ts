import { Injectable } from '@nestjs/common';

export interface HealthReport {
  ready: boolean;
  /** Name of each check, and `ok` or what is wrong. */
  checks: Record<string, string>;
}

/** What has to work for this process to be ready. Checks run side by side when asked, each for at most two seconds. */
@Injectable()
export class HealthChecks {
  readonly #checks = new Map<string, () => Promise<unknown>>();
  #stopping = false;

  /** Adds a check, or replaces the one of that name; it rejects when its part cannot work now. */
  register(name: string, check: () => Promise<unknown>): void {
    this.#checks.set(name, check);
  }

  unregister(name: string): void {
    this.#checks.delete(name);
  }

  /** From now on not ready: the process is about to stop. */
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
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`no answer within ${timeoutMs} ms`), timeoutMs);
  });
  try {
    return await Promise.race([check().then(() => 'ok'), deadline]);
  } catch {
    // The reason may name hosts; it is in the log of the part itself.
    return 'unavailable';
  } finally {
    clearTimeout(timer);
  }
}
