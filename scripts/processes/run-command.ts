import type { Options, ResultPromise } from 'execa';
import { UserError } from '../progress.ts';

const running = new Set<ResultPromise>();

/** Ends the commands that `run` has started and that still run. */
export function abortCommands(): void {
  for (const child of running) child.kill();
}

/** Runs a command to its end and returns what it printed. Its failure is an error with the end of its output. */
export async function run(command: string, args: string[], options: Options = {}): Promise<string> {
  const { execa } = await import('execa'); // most starts run no command
  const child = execa(command, args, { stdin: 'ignore', ...options, all: true, reject: false });
  running.add(child);
  const { failed, all, shortMessage } = await child;
  running.delete(child);
  if (failed) throw new UserError(`${shortMessage}\n${String(all ?? '').slice(-6000)}`);
  return String(all);
}
