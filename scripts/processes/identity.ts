import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** A process, and a text that its command line contains: a pid alone may belong to another process by now. */
export interface ProcessIdentity {
  pid: number;
  commandPattern: string;
}

/** Whether the process runs. A zombie, which has no command line, does not. */
export function isRunning({ pid, commandPattern }: ProcessIdentity): boolean {
  try {
    const command = existsSync('/proc/self/cmdline')
      ? readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
      : execFileSync('ps', ['-ww', '-p', String(pid), '-o', 'command='], { encoding: 'utf8' });
    return command.includes(commandPattern);
  } catch {
    return false; // no such process
  }
}

/** Ends a process by `signal`, and after `graceMs` by SIGKILL. Does nothing if the pid belongs to another process by now. */
export async function endProcess(identity: ProcessIdentity, signal: NodeJS.Signals, graceMs = 10_000): Promise<void> {
  send(identity, signal);
  send(identity, 'SIGCONT'); // a paused process receives no signal
  if (await hasEnded(identity, graceMs)) return;
  send(identity, 'SIGKILL');
  await hasEnded(identity, 5_000);
}

function send(identity: ProcessIdentity, signal: NodeJS.Signals): void {
  if (!isRunning(identity)) return;
  try {
    process.kill(identity.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // it has ended meanwhile
  }
}

/** Waits until the process has ended, or `timeoutMs` are over. */
export async function hasEnded(identity: ProcessIdentity, timeoutMs: number): Promise<boolean> {
  for (const end = Date.now() + timeoutMs; Date.now() < end; await sleep(50)) {
    if (!isRunning(identity)) return true;
  }
  return !isRunning(identity);
}
