import { setTimeout as sleep } from 'node:timers/promises';
import { docker } from './docker.ts';

/** The part of `docker inspect` that the tests read. */
export interface ContainerState {
  Status: string;
  Pid: number;
  ExitCode: number;
  StartedAt: string;
  Health?: { Status: string };
}

export async function stateOf(container: string): Promise<ContainerState> {
  return JSON.parse(await docker(['inspect', '--format', '{{json .State}}', container])) as ContainerState;
}

/** Waits until a container that was started at another time than `before` is healthy; false if it is not after `withinMs`. */
export async function isHealthyAgain(container: string, before: ContainerState, withinMs: number): Promise<boolean> {
  for (const deadline = Date.now() + withinMs; Date.now() < deadline; await sleep(250)) {
    const { StartedAt, Health } = await stateOf(container);
    if (StartedAt !== before.StartedAt && Health?.Status === 'healthy') return true;
  }
  return false;
}

/**
 * Kills the first process of a container with SIGKILL as if it had crashed. `docker kill` is something else: the engine takes it for a wish of
 * the operator, and does not start the container again. The process is killed from a container that sees the processes of the engine's machine.
 */
export async function crash({ Pid }: ContainerState): Promise<void> {
  await docker(['run', '--rm', '--pid=host', '--network=none', '--user=0:0', 'redis:8', 'sh', '-c', `kill -9 ${Pid}`]);
}
