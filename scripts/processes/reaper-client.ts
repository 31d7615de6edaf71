import { spawn } from 'node:child_process';
import path from 'node:path';
import type { ProcessIdentity } from './identity.ts';

export interface WatchedProcess extends ProcessIdentity {
  kind: 'service' | 'infrastructure';
  stopSignal: NodeJS.Signals;
}

export type ReaperMessage = { watch: WatchedProcess } | { unwatch: number };

/** The command's end of reaper.ts. */
export interface Reaper extends ProcessIdentity {
  watch(process: WatchedProcess): void;
  unwatch(pid: number): void;
  /** The reaper ends what it still watches, then itself. */
  close(): void;
}

const REAPER = path.join(import.meta.dirname, 'reaper.ts');

export function startReaper(): Reaper {
  // Detached: Ctrl-C in the terminal must not reach it.
  const child = spawn(process.execPath, [REAPER], { stdio: ['pipe', 'ignore', 'ignore'], detached: true, env: {} });
  if (child.pid === undefined) throw new Error('the reaper process did not start');
  child.unref();
  child.on('error', () => {});
  child.stdin.on('error', () => {}); // the reaper was killed: everything works without it, but nothing protects from orphans
  const send = (message: ReaperMessage) => child.stdin.write(`${JSON.stringify(message)}\n`);
  return {
    pid: child.pid,
    commandPattern: REAPER,
    watch: ({ pid, commandPattern, kind, stopSignal }) => send({ watch: { pid, commandPattern, kind, stopSignal } }),
    unwatch: (pid) => send({ unwatch: pid }),
    close: () => child.stdin.end(),
  };
}
