import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../paths.ts';

export interface RetiredWord {
  pattern: RegExp;
  /** The word to use. */
  replacement: string;
}

const LIST = 'scripts/checks/retired-words.txt';
const CHECKED_FILES = '**/*.{ts,mjs,js,md,graphql,sql,avsc,yml,html}';
const NOT_OURS = ['node_modules', 'dist', '.data', '.cache', '.git'];

/** Every use of a retired word in the repository, as `file:line: "word", use ...`. */
export function retiredWordProblems(): string[] {
  const words = parseRetiredWords(readFileSync(path.join(ROOT, LIST), 'utf8'));
  const files = globSync(CHECKED_FILES, { cwd: ROOT, exclude: (file) => NOT_OURS.includes(path.basename(file)) });
  return files
    .sort()
    .flatMap((file) => findRetiredWords(readFileSync(path.join(ROOT, file), 'utf8'), words).map((found) => `${file}:${found}`));
}

/** One word on each line: a regular expression, a tab, the replacement. A line that begins with "=" is case-sensitive. */
export function parseRetiredWords(list: string): RetiredWord[] {
  return list
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [expression = '', replacement] = line.split('\t');
      if (!replacement) throw new Error(`retired-words.txt: no tab and replacement in the line "${line}"`);
      return expression.startsWith('=')
        ? { pattern: new RegExp(expression.slice(1)), replacement }
        : { pattern: new RegExp(expression, 'i'), replacement };
    });
}

/** One line of text for each use: `line: "word", use replacement`. */
export function findRetiredWords(text: string, words: RetiredWord[]): string[] {
  return text.split('\n').flatMap((line, index) =>
    words.flatMap(({ pattern, replacement }) => {
      const found = pattern.exec(line)?.[0];
      return found === undefined ? [] : [`${index + 1}: "${found}", use ${replacement}`];
    }),
  );
}
