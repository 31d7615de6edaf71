import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { TemporaryProject } from '../testing/temporary-project.ts';

/** Says when it listens, which signals it got, and when it was asked to stop; then waits for ever. A line on stdin advances its clock. */
const PROGRAM = `
  const { stopSignal } = await import('./scripts/processes/stop-request.ts');
  let now = Date.now();
  Date.now = () => now;
  const signal = stopSignal(() => console.log('killed'));
  signal.addEventListener('abort', () => console.log('stop:', signal.reason.message));
  process.on('SIGTERM', () => console.log('got SIGTERM'));
  process.stdin.on('data', () => { now += 5_000; console.log('later'); });
  setInterval(() => {}, 1e6);
  console.log('ready');`;

let project: TemporaryProject;
beforeEach(() => void (project = new TemporaryProject()));
afterEach(() => project.remove());

function start() {
  const child = project.start(PROGRAM, { npm_lifecycle_event: '' });
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  const exit = once(child, 'exit');
  const printed = async (text: string) => {
    while (!lines.some((line) => line.includes(text))) await once(reader, 'line');
  };
  return { child, lines, exit, printed };
}

it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('the first %s is a request to stop', async (name) => {
  const { child, exit, printed } = start();
  await printed('ready');
  child.kill(name);
  await expect(printed('stop: stopped')).resolves.toBeUndefined();
  child.kill('SIGKILL');
  await exit;
});

it('a second request kills everything; the same Ctrl-C, delivered twice, does not', async () => {
  const { child, lines, exit, printed } = start();
  await printed('ready');
  child.kill('SIGINT');
  await printed('stop: stopped');
  child.kill('SIGTERM'); // within a second: npm passes the Ctrl-C of the terminal on
  await printed('got SIGTERM');
  child.stdin.write('\n');
  await printed('later');
  expect(lines).not.toContain('killed');
  child.kill('SIGINT');
  expect(await exit).toEqual([1, null]);
  expect(lines).toContain('killed');
});

it('the end of npm is a request to stop', async () => {
  const npm = `
    const { spawn } = await import('node:child_process');
    const child = spawn(process.execPath, ['--input-type=module', '-e', process.env.PROGRAM], { stdio: ['ignore', 'inherit', 'inherit'] });
    console.log('pid', child.pid);
    setInterval(() => {}, 1e6);`;
  const child = project.start(npm, { PROGRAM, npm_lifecycle_event: 'start' });
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  const printed = async (text: string) => {
    while (!lines.some((line) => line.includes(text))) await once(reader, 'line');
  };
  await printed('ready');
  child.kill('SIGKILL');
  await expect(printed('stop: stopped')).resolves.toBeUndefined();
  const pid = Number(lines.find((line) => line.startsWith('pid'))?.split(' ')[1]);
  process.kill(pid, 'SIGKILL');
});
