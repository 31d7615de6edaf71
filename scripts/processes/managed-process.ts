import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../progress.ts';
import { lastLines } from './logs.ts';
import { withPrivateFiles } from './private-files.ts';
import type { Kind, Reaper } from './reaper.ts';

export interface ProcessDefinition {
  name: string;
  kind: Kind;
  command: string;
  args: string[];
  /** A text that the command line of the running process contains. */
  commandPattern: string;
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  user?: { uid: number; gid: number } | undefined;
  port: number;
  logFile: string;
  /** Default: SIGTERM. */
  stopSignal?: NodeJS.Signals;
  /** Fails, with the reason, while the process cannot do its work. */
  checkReady: () => Promise<void>;
  /** Runs before each start. */
  prepare?: () => Promise<void>;
  /** Runs after each orderly stop. */
  afterStop?: () => void;
}

const READY_TIMEOUT_MS = 90_000;
/** A service gives itself 25 s. */
const STOP_TIMEOUT_MS = 30_000;

/**
 * A process that is kept running: when it ends unexpectedly (or by `kill9()`), that is reported, and it is restarted with backoff; `ready()`
 * waits for it. After `stop()` it stays stopped until `start()`.
 */
export class ManagedProcess {
  readonly definition: ProcessDefinition;
  readonly #group: { reaper: Reaper; report: (text: string) => void };
  #state: 'stopped' | 'starting' | 'running' = 'stopped';
  #child: ChildProcess | null = null;
  #crashes = 0;
  #startedAt = 0;

  constructor(definition: ProcessDefinition, group: { reaper: Reaper; report: (text: string) => void }) {
    this.definition = definition;
    this.#group = group;
  }

  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  /** Starts the process and waits until it is ready. Fails, without a restart, if it ends before it was ready for the first time. */
  async start(): Promise<void> {
    this.#state = 'starting';
    await this.#spawn();
    await this.ready();
    if (this.#state === 'starting') this.#state = 'running';
  }

  /** Waits until the process is ready, also through a crash and its restart. */
  async ready(): Promise<void> {
    let reason = '';
    for (const end = Date.now() + READY_TIMEOUT_MS; Date.now() < end; await sleep(50)) {
      if (this.#state === 'stopped') throw this.#failure('ended before it was ready');
      try {
        if (!this.#child) throw new Error('not running');
        return await this.definition.checkReady();
      } catch (error) {
        reason = (error as Error).message;
      }
    }
    throw this.#failure(`is not ready after ${READY_TIMEOUT_MS / 1000} s (${reason})`);
  }

  /** Stops the process in an orderly way; kills it if that takes too long. */
  async stop(): Promise<void> {
    this.#state = 'stopped';
    const child = this.#child;
    if (!child) return;
    const { name, stopSignal, afterStop } = this.definition;
    const exit = once(child, 'exit');
    child.kill(stopSignal);
    child.kill('SIGCONT'); // a paused process receives no signal
    const timer = setTimeout(() => {
      this.#group.report(`${name} did not stop within ${STOP_TIMEOUT_MS / 1000} s: killed`);
      child.kill('SIGKILL');
    }, STOP_TIMEOUT_MS);
    await exit;
    clearTimeout(timer);
    afterStop?.();
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** `kill -9`, and waits until the process has ended. */
  async kill9(): Promise<void> {
    if (!this.#child) return;
    const exit = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exit;
  }

  /** For the second Ctrl-C. */
  killNow(): void {
    this.#state = 'stopped';
    this.#child?.kill('SIGKILL');
  }

  async #spawn(): Promise<void> {
    const { command, args, kind, commandPattern, stopSignal = 'SIGTERM', logFile, env, cwd, user, prepare } = this.definition;
    await prepare?.();
    if (this.#state === 'stopped') return;
    const child = withPrivateFiles(() => {
      const log = openSync(logFile, 'a');
      const stdio: StdioOptions = kind === 'service' ? ['ignore', log, log, 'ipc'] : ['ignore', log, log];
      // Detached: Ctrl-C in the terminal reaches only the command, which stops everything in order.
      const spawned = spawn(command, args, { stdio, detached: true, env, cwd, ...user });
      closeSync(log);
      return spawned;
    });
    const { pid } = child;
    if (pid === undefined) throw (await once(child, 'error'))[0];
    this.#child = child;
    this.#startedAt = Date.now();
    this.#group.reaper.watch({ kind, pid, commandPattern, stopSignal });
    child.once('exit', (code, signal) => {
      this.#child = null;
      this.#group.reaper.unwatch(pid);
      if (this.#state !== 'stopped') this.#onCrash(signal ?? `code ${code}`);
    });
  }

  #onCrash(reason: string): void {
    const { name, logFile } = this.definition;
    if (this.#state === 'starting') {
      this.#state = 'stopped';
      this.#group.report(`${name} ended (${reason}) before it was ready`);
      return;
    }
    if (Date.now() - this.#startedAt > 60_000) this.#crashes = 0;
    const waitMs = Math.min(500 * 2 ** this.#crashes++, 10_000);
    this.#group.report(`${name} ended (${reason}), restarted in ${waitMs / 1000} s; its log: ${logFile}`);
    setTimeout(() => {
      if (this.#state === 'running' && !this.#child) this.#spawn().catch((error: Error) => this.#group.report(`${name}: ${error.message}`));
    }, waitMs).unref();
  }

  #failure(what: string): UserError {
    const { name, logFile } = this.definition;
    return new UserError(`${name} ${what}. The end of ${logFile}:\n${lastLines(logFile, 15)}`);
  }
}
