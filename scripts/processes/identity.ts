import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** A process, and a text that its command line contains: a pid alone may belong to another process by now. */
export interface ProcessIdentity {
  pid: number;
  commandPattern: string;
}

/** The command line of a process; null if no such process runs (or if it is a zombie). */
export function commandOf(pid: number): string | null {
  try {
    if (existsSync('/proc/self/cmdline')) return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim() || null;
    return execFileSync('ps', ['-ww', '-p', String(pid), '-o', 'command='], { encoding: 'utf8' }).trim() || null;
  } catch {
    return null; // no such process
  }
}

export function isRunning({ pid, commandPattern }: ProcessIdentity): boolean {
  return commandOf(pid)?.includes(commandPattern) ?? false;
}

/** Sends a signal. A process that has ended already is no error. */
export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Ends a process by `signal`, and after `graceMs` by SIGKILL. Does nothing if the pid belongs to another process by now. */
export async function endProcess(identity: ProcessIdentity, signal: NodeJS.Signals, graceMs = 10_000): Promise<void> {
  if (!isRunning(identity)) return;
  signalProcess(identity.pid, signal);
  signalProcess(identity.pid, 'SIGCONT'); // a paused process receives no signal
  if (await hasEnded(identity, graceMs)) return;
  signalProcess(identity.pid, 'SIGKILL');
  await hasEnded(identity, 5_000);
}

/** Waits until the process has ended, or `timeoutMs` are over. */
export async function hasEnded(identity: ProcessIdentity, timeoutMs: number): Promise<boolean> {
  for (const end = Date.now() + timeoutMs; Date.now() < end; await sleep(50)) {
    if (!isRunning(identity)) return true;
  }
  return !isRunning(identity);
}
