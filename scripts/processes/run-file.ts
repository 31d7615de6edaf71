import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { UserError, progress } from '../progress.ts';
import type { WatchedProcess } from './reaper-client.ts';
import { endProcess, isRunning, type ProcessIdentity } from './identity.ts';

/** What `running.json` in a data directory says: who runs the system there, where it is, and which processes belong to it. */
export interface Run {
  starter: ProcessIdentity;
  startedAt: string;
  urls: Record<string, string>;
  /** Where the infrastructure is, password of the database included: the file is readable by its owner only. */
  addresses: Record<string, string>;
  processes: WatchedProcess[];
}

/** Keeps `running.json`: the lock of a data directory, and the list by which the next start ends what a killed one left. */
export class RunFile {
  private readonly file: string;
  private readonly run: Run;

  private constructor(file: string, run: Run) {
    this.file = file;
    this.run = run;
  }

  /** Takes the data directory. Fails when a system runs there; ends what a killed one has left. */
  static async take(dataDir: string): Promise<RunFile> {
    const file = fileIn(dataDir);
    const before = readRun(dataDir);
    if (before && isRunning(before.starter)) throw new UserError(alreadyRunning(before));
    for (const left of before?.processes ?? []) {
      if (!isRunning(left)) continue;
      progress(`ending ${left.name} (pid ${left.pid}), left by a run that was killed`);
      await endProcess(left, left.stopSignal);
    }
    mkdirSync(dataDir, { recursive: true });
    rmSync(file, { force: true });
    const starter = { pid: process.pid, commandPattern: 'node' };
    const runFile = new RunFile(file, { starter, startedAt: new Date().toISOString(), urls: {}, addresses: {}, processes: [] });
    runFile.create();
    return runFile;
  }

  describe(urls: Record<string, string>, addresses: Record<string, string>): void {
    this.run.urls = urls;
    this.run.addresses = addresses;
    this.write();
  }

  add(process: WatchedProcess): void {
    this.run.processes.push(process);
    this.write();
  }

  remove(pid: number): void {
    this.run.processes = this.run.processes.filter((one) => one.pid !== pid);
    this.write();
  }

  release(): void {
    rmSync(this.file, { force: true });
  }

  /** Two starts at the same moment: the one that makes the file has the directory. */
  private create(): void {
    try {
      writeFileSync(this.file, JSON.stringify(this.run), { flag: 'wx', mode: 0o600 });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      throw new UserError('Another start is under way for this data directory.');
    }
  }

  private write(): void {
    if (!existsSync(path.dirname(this.file))) return; // the data directory of a finished test
    writeFileSync(`${this.file}.tmp`, JSON.stringify(this.run, null, 2), { mode: 0o600 });
    renameSync(`${this.file}.tmp`, this.file);
  }
}

/** The system that runs on a data directory now, or null. */
export function runningSystem(dataDir: string): Run | null {
  const run = readRun(dataDir);
  return run && isRunning(run.starter) ? run : null;
}

export function alreadyRunning(run: Run): string {
  const where = run.urls.graphql ? `: ${run.urls.graphql}` : '.';
  return `The system is already running (pid ${run.starter.pid}, since ${run.startedAt})${where}\nStop it with Ctrl-C in its terminal, or with: kill ${run.starter.pid}`;
}

const fileIn = (dataDir: string): string => path.join(dataDir, 'running.json');

function readRun(dataDir: string): Run | null {
  try {
    return JSON.parse(readFileSync(fileIn(dataDir), 'utf8')) as Run;
  } catch {
    return null; // no run, or a file cut off by a power failure
  }
}
