import type { Options } from 'execa';
import { run } from '../../scripts/processes/run-command.ts';
import { UserError } from '../../scripts/progress.ts';

/** Runs `docker`, and returns what it printed. */
export const docker = (args: string[], options?: Options): Promise<string> => run('docker', args, options);

/** The lines that `docker` printed. */
export async function dockerLines(args: string[]): Promise<string[]> {
  return (await docker(args)).split('\n').filter((line) => line !== '');
}

/** Fails with one sentence where containers cannot run. */
export async function requireDocker(): Promise<void> {
  await docker(['info']).catch(() => {
    throw new UserError('This test needs a Docker engine, and `docker info` reaches none.');
  });
  await docker(['compose', 'version']).catch(() => {
    throw new UserError('This test needs Docker Compose, and `docker compose version` fails.');
  });
}
