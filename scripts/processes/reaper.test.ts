import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { afterEach, expect, it } from 'vitest';

const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

/** A process that runs until it is ended, and prints that it is ready for signals. */
async function sleeper(name: string): Promise<ChildProcess & { pid: number }> {
  const child = spawn(process.execPath, ['-e', 'console.log("ready"); setInterval(() => {}, 1000)', name], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  started.push(child);
  await once(child.stdout, 'data');
  return child as typeof child & { pid: number };
}

/** A command that tells its reaper to watch two processes, and no longer one of them, and is then killed. */
const COMMAND = `
  const { Reaper } = await import(process.argv[1]);
  const reaper = new Reaper();
  for (const pid of [Number(process.argv[2]), Number(process.argv[3])])
    reaper.watch({ kind: 'service', pid, commandPattern: 'watched', stopSignal: 'SIGTERM' });
  reaper.unwatch(Number(process.argv[3]));
  console.log('watching');
  setInterval(() => {}, 1000);
`;

it('ends the watched processes of a command that is killed, and no other', async () => {
  const [watched, unwatched] = [await sleeper('watched'), await sleeper('watched')];
  const file = path.join(import.meta.dirname, 'reaper.ts');
  const args = ['--input-type=module', '-e', COMMAND, file, String(watched.pid), String(unwatched.pid)];
  const command = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  started.push(command);
  await once(command.stdout, 'data');

  command.kill('SIGKILL');
  const [, signal] = await once(watched, 'exit');
  expect(signal).toBe('SIGTERM');
  expect(unwatched.exitCode ?? unwatched.signalCode).toBeNull();
}, 20_000);
