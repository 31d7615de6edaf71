import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../progress.ts';
import { lastLines } from './logs.ts';
import type { Reaper } from './reaper-client.ts';

export interface ProcessDefinition {
  name: string;
  kind: 'service' | 'infrastructure';
  command: string;
  args: string[];
  /** A text that the command line of the running process contains. */
  commandPattern: string;
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  user?: { uid: number; gid: number } | undefined;
  stopSignal: NodeJS.Signals;
  stopTimeoutMs: number;
  logFile: string;
  /** Returns null if the process can do its work, else the reason. */
  notReady: () => Promise<string | null>;
  readyTimeoutMs: number;
  /** Runs before each start. */
  prepare?: () => Promise<void> | void;
  /** Runs after each orderly stop. */
  afterStop?: () => void;
}

/** What all processes of one system share. */
export interface Watch {
  reaper: Reaper;
  report: (text: string) => void;
}

/** A process that is kept running: when it ends unexpectedly, that is reported, and it is restarted with backoff. */
export class ManagedProcess {
  readonly name: string;
  private readonly definition: ProcessDefinition;
  private readonly watch: Watch;
  private child: ChildProcess | null = null;
  private wanted = false;
  private wasReady = false;
  private crashes = 0;
  private startedAt = 0;

  constructor(definition: ProcessDefinition, watch: Watch) {
    this.name = definition.name;
    this.definition = definition;
    this.watch = watch;
  }

  get pid(): number | null {
    return this.child?.pid ?? null;
  }

  /** Starts the process and waits until it is ready. Fails, without a restart, if it ends before it was ready for the first time. */
  async start(): Promise<void> {
    this.wanted = true;
    this.wasReady = false;
    await this.spawn();
    await this.ready();
  }

  /** Waits until the process is ready, also through a crash and its restart. */
  async ready(timeoutMs = this.definition.readyTimeoutMs): Promise<void> {
    let reason: string | null = 'not started';
    for (const end = Date.now() + timeoutMs; Date.now() < end; await sleep(50)) {
      if (!this.wanted) throw new UserError(this.failure('ended before it was ready'));
      reason = this.child ? await this.definition.notReady().catch((error: Error) => error.message) : 'not running';
      if (reason !== null) continue;
      this.wasReady = true;
      return;
    }
    throw new UserError(this.failure(`is not ready after ${Math.round(timeoutMs / 1000)} s (${reason})`));
  }

  /** Stops the process in an orderly way; kills it if that takes too long. */
  async stop(): Promise<void> {
    this.wanted = false;
    const { child } = this;
    if (!child || !this.isAlive(child)) return;
    const exit = new Promise<true>((resolve) => child.once('exit', () => resolve(true)));
    child.kill(this.definition.stopSignal);
    child.kill('SIGCONT'); // a paused process receives no signal
    const stopped = await Promise.race([exit, sleep(this.definition.stopTimeoutMs, false, { ref: false })]);
    if (!stopped) {
      this.watch.report(`${this.name} did not stop within ${this.definition.stopTimeoutMs / 1000} s: killed`);
      child.kill('SIGKILL');
      await exit;
    }
    this.definition.afterStop?.();
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** `kill -9`. The process is restarted as after every crash; `ready()` waits for that. */
  async kill9(): Promise<void> {
    const { child } = this;
    if (!child || !this.isAlive(child)) return;
    const exit = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await exit;
  }

  /** For the second Ctrl-C. */
  killNow(): void {
    this.wanted = false;
    this.child?.kill('SIGKILL');
  }

  private async spawn(): Promise<void> {
    const { definition, watch } = this;
    await definition.prepare?.();
    if (!this.wanted || this.child) return;
    const { kind, commandPattern, stopSignal } = definition;
    const log = openSync(definition.logFile, 'a');
    // Detached: Ctrl-C in the terminal reaches only the command, which stops everything in order.
    const child = spawn(definition.command, definition.args, {
      stdio: kind === 'service' ? ['ignore', log, log, 'ipc'] : ['ignore', log, log],
      detached: true,
      env: definition.env,
      cwd: definition.cwd,
      ...definition.user,
    });
    closeSync(log);
    this.child = child;
    this.startedAt = Date.now();
    child.once('exit', (code, signal) => this.onExit(child, signal ?? `code ${code}`));
    child.on('error', (error) => {
      if (child.pid === undefined) this.onExit(child, error.message);
    });
    if (child.pid !== undefined) watch.reaper.watch({ kind, pid: child.pid, commandPattern, stopSignal });
  }

  private onExit(child: ChildProcess, reason: string): void {
    if (this.child === child) this.child = null;
    if (child.pid !== undefined) this.watch.reaper.unwatch(child.pid);
    if (!this.wanted) return;
    if (!this.wasReady) {
      this.wanted = false;
      this.watch.report(`${this.name} ended (${reason}) before it was ready`);
      return;
    }
    if (Date.now() - this.startedAt > 60_000) this.crashes = 0;
    const waitMs = Math.min(500 * 2 ** this.crashes++, 10_000);
    this.watch.report(`${this.name} ended (${reason}), restarted in ${waitMs / 1000} s; its log: ${this.definition.logFile}`);
    setTimeout(() => {
      if (this.wanted && !this.child) this.spawn().catch((error: Error) => this.watch.report(`${this.name}: ${error.message}`));
    }, waitMs).unref();
  }

  private isAlive(child: ChildProcess): boolean {
    return child.pid !== undefined && child.exitCode === null && child.signalCode === null;
  }

  private failure(what: string): string {
    return `${this.name} ${what}. The end of ${this.definition.logFile}:\n${lastLines(this.definition.logFile, 15)}`;
  }
}
