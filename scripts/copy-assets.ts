// The compiler ignores files that are not TypeScript: this copies the .sql and .txt files of each package to its compiled code.
import { copyFileSync, globSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from './paths.ts';

export function copyAssets(): void {
  for (const file of globSync('*/src/**/*.{sql,txt}', { cwd: ROOT, exclude: ['node_modules/**'] })) {
    const target = path.join(ROOT, file.replace(/^([^/\\]+)[/\\]src/, '$1/dist'));
    mkdirSync(path.dirname(target), { recursive: true });
    copyFileSync(path.join(ROOT, file), target);
  }
}

if (import.meta.main) copyAssets();
