import { type ChildProcess, fork } from 'node:child_process';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';

const FIXTURE = fileURLToPath(new URL('./kit/process.fixture.mjs', import.meta.url));
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

interface Forked {
  child: ChildProcess;
  output: () => string;
  message: (type: string) => Promise<{ type: string; port: number }>;
  exitCode: Promise<number | null>;
}

function start(port: number): Forked {
  const child = fork(FIXTURE, [String(port)], {
    silent: true,
    execArgv: [],
    env: { PATH: process.env.PATH!, METRICS_PORT: '0' },
  });
  children.push(child);
  let text = '';
  child.stdout!.on('data', (chunk) => (text += chunk));
  child.stderr!.on('data', (chunk) => (text += chunk));
  const messages: { type: string; port: number }[] = [];
  child.on('message', (message) => messages.push(message as { type: string; port: number }));
  const exitCode = new Promise<number | null>((resolve) => child.on('exit', resolve));
  return {
    child,
    output: () => text,
    exitCode,
    message: (type) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = messages.find((message) => message.type === type);
          if (found) resolve(found);
        };
        look();
        child.on('message', look);
        child.on('exit', () => reject(new Error(`ended before "${type}":\n${text}`)));
      }),
  };
}

describe('a service as a process', () => {
  it('tells its parent process when it is ready, finishes the requests in progress on SIGTERM, and exits with 0', async () => {
    const { child, message, exitCode, output } = start(0);
    const { port } = await message('ready');
    const slow = fetch(`http://127.0.0.1:${port}/slow`);
    await message('in flight');
    child.kill('SIGTERM');
    expect(await (await slow).json()).toEqual({ done: true });
    expect(await exitCode).toBe(0);
    const lines = output()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { service: string; message: string });
    expect(lines.every(({ service }) => service === 'fixture')).toBe(true);
    expect(lines.map((line) => line.message)).toEqual(expect.arrayContaining(['listening', 'stopping', 'stopped']));
  });

  it('stops when its parent process ends', async () => {
    const { child, message, exitCode } = start(0);
    await message('ready');
    child.disconnect();
    expect(await exitCode).toBe(0);
  });

  it('does not start on a port that is in use, and names it', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as { port: number };
    const { exitCode, output } = start(port);
    expect(await exitCode).toBe(1);
    expect(output()).toContain(`127.0.0.1:${port}`);
    taken.close();
  });
});
