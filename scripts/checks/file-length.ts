import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../paths.ts';

/** 95 % of the TypeScript files that are written by hand, tests included, have at most this many lines. */
const MAX_LINES = 150;
const TYPESCRIPT = ['*/{src,test}/**/*.ts', '{scripts,bench,e2e}/**/*.ts'];
const EXCEPTED = ['node_modules/**', '**/*.generated.ts'];

export function fileLengthProblems(): string[] {
  const lengths = handWrittenFiles(ROOT).map((file) => ({
    file,
    lines: readFileSync(path.join(ROOT, file), 'utf8').split('\n').length - 1,
  }));
  return tooManyLongFiles(lengths);
}

export function handWrittenFiles(root: string): string[] {
  return [...new Set(globSync(TYPESCRIPT, { cwd: root, exclude: EXCEPTED }))];
}

/** Nothing if the 95th percentile is within the limit, else the longest files. */
export function tooManyLongFiles(files: { file: string; lines: number }[]): string[] {
  const allowed = Math.floor(files.length * 0.05);
  const long = files.filter(({ lines }) => lines > MAX_LINES).sort((a, b) => b.lines - a.lines);
  if (long.length <= allowed) return [];
  return [
    `${long.length} of ${files.length} files have more than ${MAX_LINES} lines; at most ${allowed} (5 %) may`,
    ...long.map(({ file, lines }) => `  ${lines} ${file}`),
  ];
}
