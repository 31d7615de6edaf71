import path from 'node:path';
import { TSC } from '../build.ts';
import { run } from '../processes/run-command.ts';
import { ROOT } from '../paths.ts';
import { fileLengthProblems } from './file-length.ts';
import { retiredWordProblems } from './retired-words.ts';

export interface Check {
  name: string;
  /** Throws an error that lists the problems. */
  run: () => Promise<void>;
}

const bin = (name: string) => path.join(ROOT, 'node_modules/.bin', name);
const tool = async (command: string, ...args: string[]): Promise<void> => void (await run(command, args, { cwd: ROOT }));
const SERVICES = ['api-gateway', 'auth-service', 'chat-service', 'presence-service', 'profile-service', 'notification-service'];
const SOURCES = ['shared', 'testkit', ...SERVICES, 'e2e', 'bench', 'scripts'];

/** What can be checked without running the product. */
export const CHECKS: Check[] = [
  { name: 'format', run: () => tool(bin('prettier'), '--check', '--log-level=warn', '.') },
  { name: 'lint', run: () => tool(bin('oxlint'), '--deny-warnings') },
  { name: 'boundaries', run: () => tool(bin('depcruise'), '--output-type=err', ...SOURCES) },
  { name: 'types', run: () => tool(process.execPath, TSC, '-p', 'tsconfig.check.json') },
  { name: 'retired words', run: async () => failOn(retiredWordProblems()) },
  { name: 'file length', run: async () => failOn(fileLengthProblems()) },
  // In a process of its own: it loads the compiled product, and Nest ends its process when it cannot put an application together.
  { name: 'generated files', run: () => tool(process.execPath, path.join(ROOT, 'scripts/commands/generate.ts'), '--check') },
];

/** Fails with these problems, if there are any. */
export function failOn(problems: string[]): void {
  if (problems.length > 0) throw new Error(problems.join('\n'));
}

/** Runs one check and prints its result. */
export async function passes({ name, run: check }: Check): Promise<boolean> {
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
