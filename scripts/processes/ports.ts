import { randomInt } from 'node:crypto';
import getPort from 'get-port';
import { UserError } from '../progress.ts';

export interface WantedPort {
  port: number;
  /** What listens on it. */
  name: string;
  /** The environment variable that chooses another. */
  variable: string;
  /** The port is this much above the one that the variable chooses. */
  offset?: number;
}

/**
 * The numbers of the ports. With `default`, those that variables name, else the usual ones; they must be free, and the error lists those
 * that other programs use. With `free`, any.
 */
export async function choosePorts<Key extends string>(
  wanted: Record<Key, WantedPort>,
  choice: 'default' | 'free',
  env: NodeJS.ProcessEnv = process.env,
): Promise<Record<Key, number>> {
  const ports = {} as Record<Key, number>;
  const taken: string[] = [];
  for (const key of Object.keys(wanted) as Key[]) {
    const { name, variable, port, offset = 0 } = wanted[key];
    ports[key] = choice === 'free' ? await freePort() : portFrom(variable, port, env) + offset;
    if (choice === 'free' || (await getPort({ port: ports[key], reserve: true })) === ports[key]) continue;
    taken.push(
      `Port ${ports[key]} of ${name} is already in use. Choose another with ${variable}=<port>, or stop the program that uses it.`,
    );
  }
  if (taken.length > 0) throw new UserError(taken.join('\n'));
  return ports;
}

function portFrom(variable: string, defaultPort: number, env: NodeJS.ProcessEnv): number {
  const text = env[variable];
  if (!text) return defaultPort;
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new UserError(`${variable} is not a port: ${text}`);
}

/**
 * A free port that this process has not used before, by chance, so that two processes rarely choose the same. Below 32768, where the
 * operating system does not take the ports of outgoing connections from: a server that is killed finds its port free when it restarts.
 */
export function freePort(): Promise<number> {
  return getPort({ port: Array.from({ length: 50 }, () => randomInt(20_000, 32_000)), reserve: true });
}
