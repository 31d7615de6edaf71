import { readFileSync } from 'node:fs';
import { run } from '../scripts/processes/run-command.ts';
import { UserError } from '../scripts/progress.ts';
import { listedCores } from './proc.ts';

/** Runs something that starts processes of the system. */
export type StartOnCores = <T>(start: () => Promise<T>) => Promise<T>;

/** The system and the load generator share all cores. */
export const onAllCores: StartOnCores = (start) => start();

/**
 * For a system on one core and a load generator on another: this process moves to the first core while it starts something, since a process
 * keeps the cores of the one that started it, and then to the second. The JVM and Node see a machine with one core.
 */
export async function onOneCore(): Promise<StartOnCores> {
  const [systemCore, ownCore] = process.platform === 'linux' ? listedCores(readFileSync('/proc/self/status', 'utf8')) : [];
  if (systemCore === undefined || ownCore === undefined) {
    throw new UserError('--one-core needs Linux and two cores: one for the system, one for the load generator.');
  }
  await moveTo(ownCore);
  return async (start) => {
    await moveTo(systemCore);
    try {
      return await start();
    } finally {
      await moveTo(ownCore);
    }
  };
}

/** Moves this process with all its threads. */
async function moveTo(core: number): Promise<void> {
  try {
    await run('taskset', ['--all-tasks', '--cpu-list', '--pid', String(core), String(process.pid)]);
  } catch (error) {
    throw new UserError(`--one-core needs the command taskset (package util-linux), which failed.\n${(error as Error).message}`);
  }
}
