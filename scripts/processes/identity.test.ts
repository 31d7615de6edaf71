import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { endProcess, isRunning } from './identity.ts';

it('ends a process that ignores the signal by SIGKILL', async () => {
  const child = spawn(process.execPath, [
    '-e',
    'process.on("SIGTERM", () => {}); console.log("ready"); setInterval(() => {}, 1000)',
    'stubborn',
  ]);
  await once(child.stdout, 'data');
  const exit = once(child, 'exit');
  await endProcess({ pid: child.pid ?? 0, commandPattern: 'stubborn' }, 'SIGTERM', 100);
  expect((await exit)[1]).toBe('SIGKILL');
});

it('does not touch a process whose command line is another', async () => {
  const child = spawn(process.execPath, ['-e', 'console.log("ready"); setInterval(() => {}, 1000)']);
  await once(child.stdout, 'data');
  await endProcess({ pid: child.pid ?? 0, commandPattern: 'another program' }, 'SIGKILL');
  expect(isRunning({ pid: child.pid ?? 0, commandPattern: 'setInterval' })).toBe(true);
  child.kill('SIGKILL');
});
