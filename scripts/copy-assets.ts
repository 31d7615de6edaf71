// The compiler ignores files that are not TypeScript: this copies the .sql and .txt files of each package to its compiled code.
import { copyFileSync, existsSync, globSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from './paths.ts';

export function copyAssets(): void {
  for (const file of globSync('*/src/**/*.{sql,txt}', { cwd: ROOT, exclude: ['node_modules/**'] })) {
    const source = path.join(ROOT, file);
    const target = path.join(ROOT, file.replace(/^([^/\\]+)[/\\]src/, '$1/dist'));
    if (existsSync(target) && readFileSync(target).equals(readFileSync(source))) continue; // `npm run dev` restarts on each new copy
    mkdirSync(path.dirname(target), { recursive: true });
    copyFileSync(source, target);
  }
}

if (import.meta.main) copyAssets();
