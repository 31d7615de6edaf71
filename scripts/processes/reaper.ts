// A small process that ends what a command has started when the command itself cannot, for example after `kill -9`.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Writable } from 'node:stream';
import { endProcess, type ProcessIdentity } from './identity.ts';

export interface WatchedProcess extends ProcessIdentity {
  kind: Kind;
  stopSignal: NodeJS.Signals;
}

export type Kind = (typeof STOP_ORDER)[number];

/** The services first: they need the infrastructure to finish their work. */
export const STOP_ORDER = ['service', 'infrastructure'] as const;

/** The command's end of the reaper process. */
export class Reaper implements ProcessIdentity {
  readonly pid: number;
  readonly commandPattern = import.meta.filename;
  readonly #input: Writable;
  readonly #watched = new Map<number, WatchedProcess>();

  constructor() {
    // Detached: Ctrl-C in the terminal must not reach it.
    const child = spawn(process.execPath, [import.meta.filename], { stdio: ['pipe', 'ignore', 'ignore'], detached: true, env: {} });
    if (child.pid === undefined) throw new Error('the reaper process did not start');
    child.unref();
    child.stdin.on('error', () => {}); // the reaper was killed: everything works without it, but nothing protects from orphans
    this.pid = child.pid;
    this.#input = child.stdin;
  }

  watch({ pid, commandPattern, kind, stopSignal }: WatchedProcess): void {
    this.#watched.set(pid, { pid, commandPattern, kind, stopSignal });
    this.#tell();
  }

  unwatch(pid: number): void {
    this.#watched.delete(pid);
    this.#tell();
  }

  /** The reaper ends what it still watches, then itself. */
  close(): void {
    this.#input.end();
  }

  #tell(): void {
    if (this.#input.writable) this.#input.write(`${JSON.stringify([...this.#watched.values()])}\n`);
  }
}

/** The reaper process: each line on stdin lists what it watches; stdin closes when the command has ended. */
async function reap(): Promise<void> {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {}); // only the command decides
  let watched: WatchedProcess[] = [];
  for await (const line of createInterface({ input: process.stdin })) watched = JSON.parse(line) as WatchedProcess[];
  for (const kind of STOP_ORDER) {
    await Promise.all(watched.filter((one) => one.kind === kind).map((one) => endProcess(one, one.stopSignal)));
  }
}

if (import.meta.main) await reap();
