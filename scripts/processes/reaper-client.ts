import { spawn } from 'node:child_process';
import path from 'node:path';
import type { ProcessIdentity } from './identity.ts';

export interface WatchedProcess extends ProcessIdentity {
  name: string;
  kind: 'service' | 'infrastructure';
  stopSignal: NodeJS.Signals;
}

/** The starter's end of guard.ts. */
export interface Reaper {
  pid: number;
  watch(process: WatchedProcess): void;
  unwatch(pid: number): void;
  /** Lets the guard go; what it still watches it ends. */
  close(): void;
}

export function startReaper(): Reaper {
  // Detached: Ctrl-C in the terminal must not reach it.
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'reaper.ts')], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    env: {},
  });
  if (child.pid === undefined) throw new Error('the guard process could not be started');
  child.unref();
  child.on('error', () => {}); // without a guard everything still works; the next start clears what a killed one left
  child.stdin.on('error', () => {});
  const tell = (message: object) => child.stdin.write(`${JSON.stringify(message)}\n`);
  return {
    pid: child.pid,
    watch: (watched) => tell({ watch: watched }),
    unwatch: (pid) => tell({ unwatch: pid }),
    close: () => child.stdin.end(),
  };
}
