import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, globSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { run } from './processes/run-command.ts';
import { ROOT } from './paths.ts';
import { UserError, progress } from './progress.ts';
import { SERVICES } from './services.ts';

export const TSC = path.join(ROOT, 'node_modules/typescript/bin/tsc');
const STAMP = path.join(ROOT, '.cache/build-stamp');

/** Compiles everything, unless no source changed since the last time. */
export async function buildWhenChanged(report = progress): Promise<void> {
  const stamp = stampOfSources();
  if (isBuilt() && existsSync(STAMP) && readFileSync(STAMP, 'utf8') === stamp) return;
  report('building ...');
  await build();
  mkdirSync(path.dirname(STAMP), { recursive: true });
  writeFileSync(STAMP, stamp);
  report('built');
}

export async function build(): Promise<void> {
  try {
    await run(process.execPath, [TSC, '-b'], { cwd: ROOT });
  } catch (error) {
    throw new UserError(`The build failed.\n${(error as Error).message}`);
  }
  copyAssets();
}

function isBuilt(): boolean {
  const results = ['shared/dist/config/index.js', 'setup/dist/index.js', ...SERVICES.map(({ name }) => `${name}/dist/main.js`)];
  return results.every((file) => existsSync(path.join(ROOT, file)));
}

/** Name, size and time of every file that the compiler reads: quicker than a run of the compiler that finds nothing to do. */
function stampOfSources(): string {
  const hash = createHash('sha256');
  const patterns = ['tsconfig*.json', 'package-lock.json', '*/tsconfig.json', '*/package.json', '*/src/**/*.{ts,avsc,sql,txt}'];
  for (const file of globSync(patterns, { cwd: ROOT, exclude: ['node_modules/**'] }).sort()) {
    const { size, mtimeMs } = statSync(path.join(ROOT, file));
    hash.update(`${file} ${size} ${mtimeMs}\n`);
  }
  return hash.digest('hex');
}

/** The compiler ignores files that are not TypeScript: this copies the .sql and .txt files of each package to its compiled code. */
export function copyAssets(): void {
  for (const file of globSync('*/src/**/*.{sql,txt}', { cwd: ROOT, exclude: ['node_modules/**'] })) {
    const source = path.join(ROOT, file);
    const target = path.join(ROOT, file.replace(/^([^/\\]+)[/\\]src/, '$1/dist'));
    if (existsSync(target) && readFileSync(target).equals(readFileSync(source))) continue; // `npm run dev` restarts on each new copy
    mkdirSync(path.dirname(target), { recursive: true });
    copyFileSync(source, target);
  }
}
