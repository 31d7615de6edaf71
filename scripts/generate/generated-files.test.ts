import { mkdtempSync, readFileSync, rmSync, statSync, utimesSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { outdated, write } from './generated-files.ts';

it('writes the files whose content differs, and leaves the others as they are', () => {
  const root = mkdtempSync(path.join(os.tmpdir(), 'chat-generate-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  write({ 'a.json': 'a', 'b.json': 'b' }, root);
  utimesSync(path.join(root, 'a.json'), 1, 1);

  expect(outdated({ 'a.json': 'a', 'b.json': 'B', 'c.json': 'c' }, root)).toEqual(['b.json', 'c.json']);
  write({ 'a.json': 'a', 'b.json': 'B', 'c.json': 'c' }, root);
  expect(readFileSync(path.join(root, 'b.json'), 'utf8')).toBe('B');
  expect(outdated({ 'a.json': 'a', 'b.json': 'B', 'c.json': 'c' }, root)).toEqual([]);
  expect(statSync(path.join(root, 'a.json')).mtimeMs).toBe(1000);
});
