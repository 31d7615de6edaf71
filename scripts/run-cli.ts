import path from 'node:path';
import { buildWhenChanged } from './build.ts';
import { DATA_DIR, ROOT } from './paths.ts';
import { runningSystem, type Run } from './processes/run-file.ts';

/**
 * Runs a compiled command line of the product with the arguments of this process. Variables that the environment does not have are taken
 * from the system that runs here.
 */
export async function runCli(file: string, environmentOf: (run: Run) => NodeJS.ProcessEnv): Promise<void> {
  const run = runningSystem(DATA_DIR);
  if (run) Object.assign(process.env, { ...environmentOf(run), ...process.env });
  await buildWhenChanged();
  await import(path.join(ROOT, file));
}
