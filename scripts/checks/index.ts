import path from 'node:path';
import { TSC, buildWhenChanged } from '../build.ts';
import { run } from '../processes/run-command.ts';
import { ROOT } from '../paths.ts';
import { WORKSPACES } from '../services.ts';
import { fileLengthProblems } from './file-length.ts';
import { retiredWordProblems } from './retired-words.ts';

/** Fails with the list of problems. */
type Check = () => Promise<unknown>;

const CACHE = path.join(ROOT, '.cache');
const SOURCES = [...WORKSPACES, 'e2e', 'bench', 'scripts'];
const tool = (name: string, ...args: string[]) => run(path.join(ROOT, 'node_modules/.bin', name), args, { cwd: ROOT });
const node = (...args: string[]) => run(process.execPath, args, { cwd: ROOT });

/** What can be checked without running the product; the slowest first. Formatted files and checked types are remembered in the cache. */
const CHECKS: Record<string, Check> = {
  types: () => node(TSC, '-p', 'tsconfig.check.json', '--incremental', '--tsBuildInfoFile', path.join(CACHE, 'check.tsbuildinfo')),
  format: () => tool('prettier', '--check', '--log-level=warn', '--cache', '--cache-location', path.join(CACHE, 'prettier'), '.'),
  boundaries: () => tool('depcruise', '--output-type=err', ...SOURCES),
  lint: () => tool('oxlint', '--deny-warnings'),
  'retired words': async () => failOn(retiredWordProblems()),
  'file length': async () => failOn(fileLengthProblems()),
  // In a process of its own: it loads the compiled product, and Nest ends its process when it cannot put an application together.
  'generated files': () => node(path.join(ROOT, 'scripts/commands/generate.ts'), '--check'),
};

/** Fails with these problems, if there are any. */
export function failOn(problems: string[]): void {
  if (problems.length > 0) throw new Error(problems.join('\n'));
}

/** Builds, then runs all checks, two at a time. Prints each result. */
export async function runChecks(): Promise<{ passed: number; failed: number }> {
  const results = [await passes('build', () => buildWhenChanged(() => {}))];
  const waiting = Object.entries(CHECKS);
  const runNext = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) results.push(await passes(...next));
  };
  await Promise.all([runNext(), runNext()]);
  const passed = results.filter(Boolean).length;
  return { passed, failed: results.length - passed };
}

/** Runs one check and prints its result. */
export async function passes(name: string, check: Check): Promise<boolean> {
  const startedAt = Date.now();
  const seconds = () => `${((Date.now() - startedAt) / 1000).toFixed(1)} s`;
  try {
    await check();
    console.log(`  ok      ${name} (${seconds()})`);
    return true;
  } catch (error) {
    console.log(`  FAILED  ${name} (${seconds()})\n${(error as Error).message}`);
    return false;
  }
}
