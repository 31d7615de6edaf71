import path from 'node:path';
import { buildWhenChanged } from './build.ts';
import { DATA_DIR, ROOT } from './paths.ts';
import { runningSystem, type Run } from './processes/run-file.ts';

/**
 * Runs a compiled command line of the product with the arguments of this process. `environmentOf` gives the variables of the system that
 * runs here (null if none does); those of the environment take precedence.
 */
export async function runCli(file: string, environmentOf: (run: Run | null) => NodeJS.ProcessEnv): Promise<void> {
  const [first = 'help'] = process.argv.slice(2);
  const isHelp = first === 'help' || process.argv.includes('--help');
  if (!isHelp) Object.assign(process.env, { ...environmentOf(runningSystem(DATA_DIR)), ...process.env });
  await buildWhenChanged();
  await import(path.join(ROOT, file));
}
