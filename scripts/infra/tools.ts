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
  for (const dir of (process.env.PATH ?? '').split(path.delimiter)) {
    const file = path.join(dir, command);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // not in this folder
    }
  }
  return null;
}

/** The path of a tool. Installs it where the package manager works without questions, else names the command that does. */
export async function requireTool(tool: Tool): Promise<string> {
  const file = findCommand(tool.command) ?? (await tryInstall(tool));
  if (file) return file;
  throw new UserError(`${tool.command} is missing; ${tool.purpose} needs it. Install it with:\n  ${installCommand(tool)}`);
}

let lastInstall: Promise<unknown> = Promise.resolve();

/** Installs a tool by apt-get as root, or by Homebrew as a normal user (it refuses root). Null where neither is possible. */
export async function tryInstall(tool: Tool): Promise<string | null> {
  // One at a time: package managers hold a lock.
  const install = lastInstall.then(async () => {
    if (!findCommand(tool.command)) await installBySystem(tool);
  });
  lastInstall = install.catch(() => {});
  await install;
  return findCommand(tool.command);
}

async function installBySystem(tool: Tool): Promise<void> {
  const isRoot = process.getuid?.() === 0;
  const steps: string[][] = [];
  if (isRoot && findCommand('apt-get'))
    steps.push(['apt-get', 'update', '-q'], ['apt-get', 'install', '-y', '-q', '--no-install-recommends', tool.apt]);
  if (!isRoot && findCommand('brew')) steps.push(['brew', 'install', tool.brew]);
  if (steps.length === 0) return;
  progress(`${tool.command} is missing: installing it (${steps.at(-1)?.join(' ')}) ...`);
  try {
    for (const [command = '', ...args] of steps) await run(command, args, { env: { DEBIAN_FRONTEND: 'noninteractive' } });
  } catch (error) {
    progress((error as Error).message);
  }
}

export function installCommand(tool: Tool): string {
  if (findCommand('brew')) return `brew install ${tool.brew}`;
  if (findCommand('dnf')) return `sudo dnf install ${tool.dnf}`;
  return `sudo apt-get install ${tool.apt}`;
}
