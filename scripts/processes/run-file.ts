import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { InfraAddresses } from '../infra/addresses.ts';
import { UserError, progress } from '../progress.ts';
import { privateFolder } from './private-files.ts';
import { hasEnded, isRunning, type ProcessIdentity } from './identity.ts';

/** The content of `running.json` in a data directory: which process runs the system there, and its addresses. */
export interface Run {
  starter: ProcessIdentity;
  /** Ends the processes of this run after its starter was killed. */
  reaper: ProcessIdentity;
  startedAt: string;
  urls: Record<string, string>;
  /** Those of the infrastructure, with the password of the database: only the owner can read the file. */
  addresses: Partial<InfraAddresses>;
}

const REAPER_TIMEOUT_MS = 60_000;

/** Keeps `running.json`, which is also the lock of the data directory. */
export class RunFile {
  readonly #file: string;
  readonly #run: Run;

  private constructor(file: string, run: Run) {
    this.#file = file;
    this.#run = run;
  }

  /** Locks the data directory. Fails if a system runs there; waits until the reaper of a killed one has ended its processes. */
  static async take(dataDir: string, { pid, commandPattern }: ProcessIdentity): Promise<RunFile> {
    const previous = readRun(dataDir);
    if (previous && isRunning(previous.starter)) throw new UserError(alreadyRunning(previous));
    if (previous && isRunning(previous.reaper)) {
      progress('waiting until the processes of a killed run have ended');
      await hasEnded(previous.reaper, REAPER_TIMEOUT_MS);
    }
    privateFolder(dataDir);
    rmSync(fileIn(dataDir), { force: true });
    const starter = { pid: process.pid, commandPattern: 'node' };
    const run = { starter, reaper: { pid, commandPattern }, startedAt: new Date().toISOString(), urls: {}, addresses: {} };
    try {
      writeFileSync(fileIn(dataDir), JSON.stringify(run), { flag: 'wx', mode: 0o600 });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      throw new UserError('Another start of this data directory is in progress.');
    }
    return new RunFile(fileIn(dataDir), run);
  }

  describe(urls: Record<string, string>, addresses: InfraAddresses): void {
    writeFileSync(`${this.#file}.tmp`, JSON.stringify({ ...this.#run, urls, addresses }, null, 2), { mode: 0o600 });
    renameSync(`${this.#file}.tmp`, this.#file);
  }

  release(): void {
    rmSync(this.#file, { force: true });
  }
}

/** The system that runs on a data directory now, or null. */
export function runningSystem(dataDir: string): Run | null {
  const run = readRun(dataDir);
  return run && isRunning(run.starter) ? run : null;
}

function alreadyRunning({ starter: { pid }, startedAt, urls }: Run): string {
  const where = urls.graphql ? `: ${urls.graphql}` : '.';
  return `The system is already running (pid ${pid}, since ${startedAt})${where}\nStop it with Ctrl-C in its terminal, or with: kill ${pid}`;
}

const fileIn = (dataDir: string): string => path.join(dataDir, 'running.json');

function readRun(dataDir: string): Run | null {
  try {
    return JSON.parse(readFileSync(fileIn(dataDir), 'utf8')) as Run;
  } catch {
    return null; // no run, or a file that a power failure truncated
  }
}
