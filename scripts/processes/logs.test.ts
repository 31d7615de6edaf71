import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { lastLines, newLogFile } from './logs.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'chat-logs-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('shows the message and the error of a line in JSON, and other lines as they are', () => {
  const file = newLogFile(folder, 'chat-service');
  const fatal = { level: 'fatal', time: 'x', message: 'cannot start', error: { message: 'use `npm run reset`', stack: 'long' } };
  writeFileSync(file, `first\n${JSON.stringify(fatal)}\nplain { text\n{ no JSON\n`);
  expect(lastLines(file, 3)).toBe('  fatal: cannot start: use `npm run reset`\n  plain { text\n  { no JSON');
});

it('keeps the log of the previous run', () => {
  writeFileSync(newLogFile(folder, 'redis'), 'previous');
  newLogFile(folder, 'redis');
  expect(lastLines(path.join(folder, 'redis.previous.log'), 1)).toBe('  previous');
  expect(lastLines(path.join(folder, 'redis.log'), 1)).toBe('  (no log)');
});
