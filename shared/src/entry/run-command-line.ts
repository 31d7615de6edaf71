import { type Command, UsageError } from '../cli/command.js';
import { ConfigError } from '../config/config-error.js';
import { isTransient } from '../errors/transient.js';
import type { CommandEntry, Commands } from './commands.js';

/** Exit codes: the command failed; there is no such command. */
const FAILED = 1;
const UNKNOWN_COMMAND = 2;
const SIGNAL_NUMBERS = { SIGINT: 2, SIGTERM: 15 };

/**
 * Runs the command that the first argument of the process names, with the arguments after it and the environment of the process: the entry
 * point of a service and of its image. Without an argument it is `start`. The exit code is 1 if the command failed, 2 if there is none with
 * this name, which lists those that exist.
 */
export async function runCommandLine(program: string, commands: Commands): Promise<void> {
  const [name = 'start', ...args] = process.argv.slice(2);
  if (['help', '--help', '-h'].includes(name)) return console.log(helpOf(program, commands));
  const entry = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!entry) {
    console.error(`There is no command "${name}".\n\n${helpOf(program, commands)}`);
    process.exit(UNKNOWN_COMMAND);
  }
  const exitCode = await run(entry, args);
  if (exitCode !== 0 || !entry.keepsRunning) process.exit(exitCode);
}

async function run(entry: CommandEntry, args: string[]): Promise<number> {
  const stopEnding = endOnSignals(entry);
  try {
    const command: Command = await entry.load();
    const running = command(args, process.env);
    // Only now, when the service handles signals: Node drops a signal that has come, but was not dispatched yet, with the last handler.
    if (entry.keepsRunning) stopEnding();
    const text = await running;
    if (text !== '') console.log(text);
    return 0;
  } catch (error) {
    console.error(isForOperators(error) ? error.message : error);
    return FAILED;
  }
}

/**
 * The first process of a container is not ended by a signal that it does not handle. A service that is stopped while it loads has done nothing
 * yet, so it ends as after a complete stop. Returns a function that removes the handlers.
 */
function endOnSignals({ keepsRunning }: CommandEntry): () => void {
  const handlers = Object.entries(SIGNAL_NUMBERS).map(([signal, number]) => {
    const end = () => process.exit(keepsRunning ? 0 : 128 + number);
    process.on(signal, end);
    return () => process.off(signal, end);
  });
  return () => handlers.forEach((remove) => remove());
}

/** Whether an operator can act on the message alone; the stack of any other error helps its developers. */
function isForOperators(error: unknown): error is Error {
  return error instanceof UsageError || error instanceof ConfigError || (error instanceof Error && isTransient(error));
}

function helpOf(program: string, commands: Commands): string {
  const entries = [...Object.entries(commands), ['help', { does: 'shows this text' }] as const];
  const width = Math.max(...entries.map(([name]) => name.length));
  const lines = entries.map(([name, { does }]) => `  ${name.padEnd(width)}  ${does}`);
  return `The commands of ${program}:\n\n${lines.join('\n')}\n\n"<command> help" has more about the commands with arguments.`;
}
