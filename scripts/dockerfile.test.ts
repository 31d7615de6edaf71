import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from './paths.ts';

const read = (file: string) => readFileSync(path.join(ROOT, file), 'utf8');
const { workspaces } = JSON.parse(read('package.json')) as { workspaces: string[] };

it('the Dockerfile copies the package.json of every workspace, without which npm cannot install as package-lock.json says', () => {
  const copied = [...read('Dockerfile').matchAll(/^COPY (\S+)\/package\.json \1\/$/gm)].map(([, folder]) => folder);
  expect(copied.sort()).toEqual([...workspaces].sort());
});

it('nothing gets into an image that .dockerignore does not name', () => {
  const lines = read('.dockerignore').split('\n');
  expect(lines.find((line) => line !== '' && !line.startsWith('#'))).toBe('*');
  expect(lines.filter((line) => /secret|\.data|\.env/.test(line) && line.startsWith('!'))).toEqual([]);
});
