/** A command that cannot be executed, for a reason that the operator can change: shown as its message, without a stack. */
export class UsageError extends Error {
  override readonly name: string = 'UsageError';
}

/** A command: its arguments and its environment in, the text for the operator out. */
export type Command = (args: string[], env: NodeJS.ProcessEnv) => Promise<string>;
