import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { run } from '../processes/run-command.ts';
import { UserError, progress } from '../progress.ts';

export interface Tool {
  command: string;
  /** What needs it. */
  purpose: string;
  /** Package names by package manager. */
  apt: string;
  brew: string;
  dnf: string;
}

/** The path of a command, or null. */
export function findCommand(command: string): string | null {
  const files = (process.env.PATH ?? '').split(path.delimiter).map((folder) => path.join(folder, command));
  return files.find(isExecutable) ?? null;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The path of a tool. Installs it where the package manager works without questions, else names the command that does. */
export async function requireTool(tool: Tool): Promise<string> {
  const file = findCommand(tool.command) ?? (await tryInstall(tool));
  if (file) return file;
  throw new UserError(`${tool.command} is missing; ${tool.purpose} needs it. Install it with:\n  ${installCommand(tool)}`);
}

const afterOtherInstalls = oneAtATime(); // package managers hold a lock

/** Installs a tool by apt-get as root, or by Homebrew as a normal user (it refuses root). Null where neither is possible. */
export function tryInstall(tool: Tool): Promise<string | null> {
  return afterOtherInstalls(async () => {
    if (findCommand(tool.command)) return findCommand(tool.command);
    const isRoot = process.getuid?.() === 0;
    const apt = ['apt-get update -q', `apt-get install -y -q --no-install-recommends ${tool.apt}`];
    const steps = isRoot && findCommand('apt-get') ? apt : !isRoot && findCommand('brew') ? [`brew install ${tool.brew}`] : [];
    if (steps.length > 0) progress(`${tool.command} is missing: installing it (${steps.at(-1)}) ...`);
    try {
      for (const step of steps) {
        const [command = '', ...args] = step.split(' ');
        await run(command, args, { env: { DEBIAN_FRONTEND: 'noninteractive' } });
      }
    } catch (error) {
      progress((error as Error).message);
    }
    return findCommand(tool.command);
  });
}

export function installCommand(tool: Tool): string {
  if (findCommand('brew')) return `brew install ${tool.brew}`;
  if (findCommand('dnf')) return `sudo dnf install ${tool.dnf}`;
  return `sudo apt-get install ${tool.apt}`;
}

/** A function that runs each task after the end of the ones before. */
export function oneAtATime(): <T>(task: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (task) => {
    const result = last.then(task, task);
    last = result;
    return result;
  };
}
