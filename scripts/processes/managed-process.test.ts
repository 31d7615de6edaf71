import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { isRunning } from './identity.ts';
import { ManagedProcess, type ProcessDefinition } from './managed-process.ts';
import { ProcessGroup } from './process-group.ts';

const RUNS = 'console.log("started"); setInterval(() => {}, 1000)';
let folder = '';
let lines: string[] = [];
let group: ProcessGroup;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'chat-processes-'));
  lines = [];
  group = new ProcessGroup((text) => lines.push(text));
});
afterEach(async () => {
  await group.stop();
  rmSync(folder, { recursive: true });
});

/** A program that is ready once it has written to its log. */
function program(name: string, code: string, more: Partial<ProcessDefinition> = {}): ProcessDefinition {
  const logFile = path.join(folder, `${name}.log`);
  const checkReady = async () => {
    if (!readFileSync(logFile, 'utf8').includes('started')) throw new Error('it has not started');
  };
  const command = { command: process.execPath, args: ['-e', code, name], commandPattern: name };
  return { name, kind: 'infrastructure', ...command, port: 1, logFile, checkReady, ...more };
}

it('restarts a process that is killed, and reports it', async () => {
  const child = await group.start(program('redis', RUNS));
  const first = child.pid;
  await child.kill9();
  await child.ready();
  expect(child.pid).not.toBe(first);
  expect(lines).toEqual(['redis is ready on port 1', expect.stringContaining('redis ended (SIGKILL), restarted in 0.5 s')]);
});

it('does not restart a process that ends before it was ready, and shows the end of its log', async () => {
  const start = group.start(program('kafka', 'console.log("no memory"); process.exit(3)'));
  await expect(start).rejects.toThrow(/^kafka ended before it was ready[^]*no memory/);
  expect(lines).toEqual(['kafka ended (code 3) before it was ready']);
});

it('fails if the command cannot be run', async () => {
  await expect(group.start(program('redis', '', { command: '/nowhere/redis-server' }))).rejects.toThrow('ENOENT');
});

it('stops a service before the infrastructure, and starts nothing after that', async () => {
  const stopped: string[] = [];
  await group.start(program('postgres', RUNS, { afterStop: () => stopped.push('postgres') }));
  await group.start(program('chat-service', RUNS, { kind: 'service', afterStop: () => stopped.push('chat-service') }));
  await group.stop();
  expect(stopped).toEqual(['chat-service', 'postgres']);
  await expect(group.start(program('late', RUNS))).rejects.toThrow('stopped');
});

it('stays stopped until it is started again', async () => {
  const child = new ManagedProcess(program('redis', RUNS), group);
  await child.start();
  await child.stop();
  expect(child.pid).toBeNull();
  await child.start();
  expect(isRunning({ pid: child.pid ?? 0, commandPattern: 'redis' })).toBe(true);
  await child.stop();
});

it('ends a paused process, too', async () => {
  const child = await group.start(program('redis', RUNS));
  process.kill(child.pid ?? 0, 'SIGSTOP');
  await child.stop();
  expect(child.pid).toBeNull();
});

it('the log and the files that a process writes are readable for the owner only', async () => {
  const file = path.join(folder, 'written');
  await group.start(program('kafka', `require('fs').writeFileSync(${JSON.stringify(file)}, ''); ${RUNS}`));
  expect([file, path.join(folder, 'kafka.log')].map((name) => statSync(name).mode & 0o777)).toEqual([0o600, 0o600]);
});
