import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { copyAssets } from './copy-assets.ts';
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
  try {
    await run(process.execPath, [TSC, '-b'], { cwd: ROOT });
  } catch (error) {
    throw new UserError(`The build failed.\n${(error as Error).message}`);
  }
  copyAssets();
  mkdirSync(path.dirname(STAMP), { recursive: true });
  writeFileSync(STAMP, stamp);
  report('built');
}

function isBuilt(): boolean {
  return ['shared/dist/config/index.js', ...SERVICES.map(({ name }) => `${name}/dist/main.js`)].every((file) =>
    existsSync(path.join(ROOT, file)),
  );
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
