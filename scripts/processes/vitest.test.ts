import { expect, it } from 'vitest';
import { countTests, type Report } from './vitest.ts';

const report = (part: Partial<Report>): Report => ({
  numPassedTests: 3,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  ...part,
});

it('counts passed, failed and skipped tests', () => {
  expect(countTests(report({ numFailedTests: 2, numPendingTests: 1, numTodoTests: 1 }), 1)).toEqual({ passed: 3, failed: 2, skipped: 2 });
});

it('counts a failure for a run that fails without a failed test', () => {
  expect(countTests(report({}), 1).failed).toBe(1);
  expect(countTests(null, 1)).toEqual({ passed: 0, failed: 1, skipped: 0 });
});
