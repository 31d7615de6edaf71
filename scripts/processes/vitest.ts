import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../paths.ts';
import type { Reaper } from './reaper-client.ts';

export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

interface Report {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  testResults: { status: string; assertionResults: { status: string }[] }[];
}

const VITEST = path.join(ROOT, 'node_modules/vitest/vitest.mjs');

/** Runs vitest, shows its output, and counts. It is ended when `signal` is aborted, and by the reaper when this process is killed. */
export async function runVitest(parts: {
  args: string[];
  env: NodeJS.ProcessEnv;
  reportFile: string;
  reaper: Reaper;
  signal: AbortSignal;
}): Promise<Counts> {
  const { args, env, reportFile, reaper, signal } = parts;
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`];
  const flags = [VITEST, 'run', '--passWithNoTests', ...reporters];
  const child = spawn(process.execPath, [...flags, ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...env },
  });
  if (child.pid === undefined) throw new Error('vitest could not be started');
  reaper.watch({ name: 'vitest', kind: 'service', pid: child.pid, commandPattern: VITEST, stopSignal: 'SIGTERM' });
  const end = () => child.kill('SIGTERM');
  signal.addEventListener('abort', end, { once: true });
  const code = await new Promise<number | null>((resolve) => child.once('exit', resolve));
  signal.removeEventListener('abort', end);
  reaper.unwatch(child.pid);
  return counts(reportFile, code);
}

function counts(reportFile: string, exitCode: number | null): Counts {
  if (!existsSync(reportFile)) return { passed: 0, failed: exitCode === 0 ? 0 : 1, skipped: 0 };
  const report = JSON.parse(readFileSync(reportFile, 'utf8')) as Report;
  // A file that could not be loaded, or whose hooks failed, has no failed test to show for it.
  const brokenFiles = report.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
  ).length;
  const failed = report.numFailedTests + brokenFiles;
  return {
    passed: report.numPassedTests,
    failed: failed === 0 && exitCode !== 0 ? 1 : failed, // an error outside of any test
    skipped: report.numPendingTests + report.numTodoTests,
  };
}
