import { UserError } from '../progress.ts';
import { ManagedProcess, type ProcessDefinition } from './managed-process.ts';
import { Reaper, STOP_ORDER } from './reaper.ts';

/** The processes of one system. However the command ends that created the group, also by `kill -9`, none of them stays. */
export class ProcessGroup {
  readonly reaper = new Reaper();
  /** Receives lines of progress and crashes. */
  readonly report: (text: string) => void;
  readonly #processes: ManagedProcess[] = [];
  #isStopped = false;

  constructor(report: (text: string) => void) {
    this.report = report;
  }

  /** Starts a process, waits until it is ready, and keeps it running. */
  async start(definition: ProcessDefinition): Promise<ManagedProcess> {
    if (this.#isStopped) throw new UserError('stopped');
    const process = new ManagedProcess(definition, this);
    this.#processes.push(process);
    await process.start();
    this.report(`${definition.name} is ready on port ${definition.port}`);
    return process;
  }

  /** Stops the services, then the infrastructure. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const kind of STOP_ORDER) {
      await Promise.all(this.#processes.filter((one) => one.definition.kind === kind).map((one) => one.stop()));
    }
    this.reaper.close();
  }

  /** Kills everything at once, without waiting. */
  killNow(): void {
    for (const process of this.#processes) process.killNow();
  }
}
