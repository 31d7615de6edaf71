import path from 'node:path';
import { TSC } from './build.ts';
import { composeFileProblems } from './compose-file.ts';
import { generatedFileProblems } from './generated-files.ts';
import { run } from './infra/tools.ts';
import { lockFileProblems } from './lock-file.ts';
import { ROOT } from './places.ts';

export interface Check {
  name: string;
  /** Throws with what is wrong. */
  run: () => Promise<void>;
}

const bin = (name: string) => path.join(ROOT, 'node_modules/.bin', name);
const tool = async (command: string, ...args: string[]): Promise<void> => void (await run(command, args, { cwd: ROOT }));
const GENERATE = '`npm run generate` writes it anew.';
const CRUISED = ['shared', 'api-gateway', 'auth-service', 'chat-service', 'presence-service', 'profile-service', 'notification-service'];

/** What can be found wrong without running the product. The last one loads it, so it must be built by then. */
export const CHECKS: Check[] = [
  { name: 'format', run: () => tool(bin('prettier'), '--check', '--log-level=warn', '.') },
  { name: 'lint', run: () => tool(bin('oxlint'), '--deny-warnings') },
  { name: 'boundaries', run: () => tool(bin('depcruise'), '--output-type=err', ...CRUISED, 'e2e', 'bench', 'scripts') },
  { name: 'types', run: () => tool(process.execPath, TSC, '-p', 'tsconfig.check.json') },
  { name: 'compose file', run: async () => failOn(composeFileProblems()) },
  { name: 'lock file', run: async () => failOn(lockFileProblems(), GENERATE) },
  { name: 'generated files', run: async () => failOn(await generatedFileProblems(), GENERATE) },
];

function failOn(problems: string[], remedy = ''): void {
  if (problems.length > 0) throw new Error([...problems, ...(remedy ? [remedy] : [])].join('\n'));
}

/** Runs one check and prints how it went. */
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
