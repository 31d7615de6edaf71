import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { isRunning } from './identity.ts';
import { RunFile, runningSystem } from './run-file.ts';

const NO_REAPER = { pid: 2 ** 30, commandPattern: 'reaper.ts' };
const ADDRESSES = { databaseUrl: 'postgres://x', redisUrl: 'redis://x', kafkaBroker: 'x:1', schemaRegistryUrl: 'http://x' };
let dataDir = '';
beforeEach(() => {
  dataDir = mkdtempSync(path.join(os.tmpdir(), 'chat-run-file-'));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

it('refuses a second start while one runs, and names its process and address', async () => {
  const run = await RunFile.take(dataDir, NO_REAPER);
  run.describe({ graphql: 'http://localhost:3000/graphql' }, ADDRESSES);
  await expect(RunFile.take(dataDir, NO_REAPER)).rejects.toThrow(new RegExp(`pid ${process.pid}.*http://localhost:3000/graphql`));
});

it('gives the addresses of the system that runs, and nothing after its end', async () => {
  const run = await RunFile.take(dataDir, NO_REAPER);
  run.describe({}, ADDRESSES);
  expect(runningSystem(dataDir)?.addresses).toEqual(ADDRESSES);
  run.release();
  expect(runningSystem(dataDir)).toBeNull();
});

it('waits, after a killed run, until its reaper has ended', async () => {
  const reaper = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 300)', 'a-reaper']);
  const identity = { pid: reaper.pid ?? 0, commandPattern: 'a-reaper' };
  const killed = { starter: NO_REAPER, reaper: identity, startedAt: '', urls: {}, addresses: {} };
  writeFileSync(path.join(dataDir, 'running.json'), JSON.stringify(killed));
  await RunFile.take(dataDir, NO_REAPER);
  expect(isRunning(identity)).toBe(false);
});

it('starts beside a file that a power failure truncated', async () => {
  const file = path.join(dataDir, 'running.json');
  writeFileSync(file, '{"starter":');
  await RunFile.take(dataDir, NO_REAPER);
  expect(JSON.parse(readFileSync(file, 'utf8')).starter.pid).toBe(process.pid);
});
