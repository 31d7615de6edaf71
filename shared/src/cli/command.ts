import { ConfigError } from '../config/index.js';

/** A command that cannot be executed, for a reason that the operator can change: shown as its message, without a stack. */
export class UsageError extends Error {
  override readonly name: string = 'UsageError';
}

/** A command: its arguments and its environment in, the text for the operator out. */
export type Command = (args: string[], env: NodeJS.ProcessEnv) => Promise<string>;

/** Runs a command with the arguments and the environment of this process. The exit code is 1 when it failed. */
export async function runCommand(command: Command): Promise<void> {
  try {
    console.log(await command(process.argv.slice(2), process.env));
  } catch (error) {
    console.error(error instanceof UsageError || error instanceof ConfigError ? error.message : error);
    process.exitCode = 1;
  }
}
