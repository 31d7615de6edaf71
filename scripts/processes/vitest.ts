import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../paths.ts';
import type { Reaper } from './reaper.ts';

export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** The part of vitest's JSON report that is read here. */
export interface Report {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
}

const VITEST = path.join(ROOT, 'node_modules/vitest/vitest.mjs');

interface VitestOptions {
  args: string[];
  env: NodeJS.ProcessEnv;
  reportFile: string;
  reaper: Reaper;
  signal: AbortSignal;
}

/** Runs vitest, shows its output, and counts the tests. It ends when `signal` is aborted, and by the reaper when this process is killed. */
export async function runVitest({ args, env, reportFile, reaper, signal }: VitestOptions): Promise<Counts> {
  const { execa } = await import('execa');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`];
  const vitest = execa(process.execPath, [VITEST, 'run', '--passWithNoTests', ...reporters, ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
    env,
    cancelSignal: signal,
    forceKillAfterDelay: false, // the end-to-end tests stop their system first
    reject: false,
  });
  const { pid } = vitest;
  if (pid !== undefined) reaper.watch({ kind: 'service', pid, commandPattern: VITEST, stopSignal: 'SIGTERM' });
  const { exitCode } = await vitest;
  if (pid !== undefined) reaper.unwatch(pid);
  const report = existsSync(reportFile) ? (JSON.parse(readFileSync(reportFile, 'utf8')) as Report) : null;
  return countTests(report, exitCode ?? 1);
}

/** A run that fails without a failed test counts one failure: a file that could not be loaded, a hook, an error outside of every test. */
export function countTests(report: Report | null, exitCode: number): Counts {
  const { numPassedTests = 0, numFailedTests = 0, numPendingTests = 0, numTodoTests = 0 } = report ?? {};
  return { passed: numPassedTests, failed: numFailedTests || (exitCode === 0 ? 0 : 1), skipped: numPendingTests + numTodoTests };
}
