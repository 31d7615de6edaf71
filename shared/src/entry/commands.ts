import type { Command } from '../cli/command.js';

/** A command of the image of a service. */
export interface CommandEntry {
  /** What it does, for the list of the commands. */
  does: string;
  /** Imports the command, so that a command loads only what it needs. */
  load: () => Promise<Command>;
  /** The process goes on after the command has returned, and handles signals by itself. */
  keepsRunning?: true;
}

/** The commands by their names. */
export type Commands = Record<string, CommandEntry>;
