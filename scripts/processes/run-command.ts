import type { Options } from 'execa';
import { UserError } from '../progress.ts';

/**
 * Runs a command to its end and returns what it printed. Its failure is an error with the end of its output. If this process ends first,
 * the command is ended, too.
 */
export async function run(command: string, args: string[], options: Options = {}): Promise<string> {
  const { execa } = await import('execa'); // most starts run no command
  const { failed, all, shortMessage } = await execa(command, args, { stdin: 'ignore', ...options, all: true, reject: false });
  if (failed) throw new UserError(`${shortMessage}\n${String(all ?? '').slice(-6000)}`);
  return String(all);
}
