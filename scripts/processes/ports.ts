import { randomInt } from 'node:crypto';
import getPort from 'get-port';
import { UserError } from '../progress.ts';

export interface WantedPort {
  port: number;
  /** What listens on it. */
  name: string;
  /** The environment variable that chooses another. */
  variable: string;
}

/** The port that a variable names, or its default. */
export function portFrom(variable: string, defaultPort: number, env: NodeJS.ProcessEnv = process.env): number {
  const text = env[variable];
  if (!text) return defaultPort;
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new UserError(`${variable} is not a port: ${text}`);
}

/** Fails with a list of the ports that other programs use, each with the variable that chooses another. */
export async function requireFreePorts(wanted: WantedPort[]): Promise<void> {
  const taken: string[] = [];
  for (const { port, name, variable } of wanted) {
    if ((await getPort({ port, reserve: true })) === port) continue;
    taken.push(`Port ${port} of ${name} is already in use. Choose another with ${variable}=<port>, or stop the program that uses it.`);
  }
  if (taken.length > 0) throw new UserError(taken.join('\n'));
}

/**
 * A free port that this process has not used before, by chance, so that two processes rarely choose the same. Below 32768, where the
 * operating system does not take the ports of outgoing connections from: a server that is killed finds its port free when it restarts.
 */
export function freePort(): Promise<number> {
  return getPort({ port: Array.from({ length: 50 }, () => randomInt(20_000, 32_000)), reserve: true });
}
