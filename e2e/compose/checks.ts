import type { Counts } from '../../scripts/processes/vitest.ts';
import { progress } from '../../scripts/progress.ts';

/** Counts and prints the results. */
export class Checks {
  readonly counts: Counts = { passed: 0, failed: 0, skipped: 0 };

  /** One result: passed if there is no fault. */
  add(what: string, faults: string[]): void {
    if (faults.length === 0) this.counts.passed += 1;
    else this.counts.failed += 1;
    progress(faults.length === 0 ? `passed: ${what}` : `FAILED: ${what}\n${faults.map((fault) => `            ${fault}`).join('\n')}`);
  }

  addAll({ passed, failed, skipped }: Counts): void {
    this.counts.passed += passed;
    this.counts.failed += failed;
    this.counts.skipped += skipped;
  }
}
