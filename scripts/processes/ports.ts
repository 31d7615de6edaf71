import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, readlinkSync } from 'node:fs';
import net from 'node:net';
import { UserError } from '../progress.ts';
import { commandOf } from './identity.ts';

export interface WantedPort {
  port: number;
  /** Who wants it. */
  name: string;
  /** The environment variable that chooses another. */
  variable: string;
}

/** Fails with a list of every wanted port that is taken, who holds it, and how to choose another. */
export async function requireFreePorts(wanted: WantedPort[]): Promise<void> {
  const taken: string[] = [];
  for (const { port, name, variable } of wanted) {
    if (await isFree(port)) continue;
    taken.push(
      `Port ${port}, wanted for ${name}, is held by ${holderOf(port)}.\n  Choose another with ${variable}=<port>, or end that process.`,
    );
  }
  if (taken.length > 0) throw new UserError(taken.join('\n'));
}

/**
 * A port that nobody listens on, and that this process has not given out before. Below 32768, where the system does not take the ports of
 * outgoing connections from: a server that is killed finds its port free when it comes back.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    if (givenOut.has(port)) continue;
    givenOut.add(port);
    if (await isFree(port)) return port;
  }
}
const givenOut = new Set<number>();

async function isFree(port: number): Promise<boolean> {
  return (await canListen(port)) && !(await answers(port));
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** On macOS a port can be listened on although another process has it for all addresses. */
function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
    socket.setTimeout(500, () => end(false));
  });
}

function holderOf(port: number): string {
  const pid = existsSync('/proc/net/tcp') ? listenerByProc(port) : listenerByLsof(port);
  if (pid === null) return 'a process that belongs to somebody else';
  return `pid ${pid} (${commandOf(pid)?.slice(0, 120) ?? 'unknown command'})`;
}

function listenerByLsof(port: number): number | null {
  try {
    return Number(execFileSync('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-t'], { encoding: 'utf8' }).split('\n')[0]) || null;
  } catch {
    return null; // no lsof, or nothing found
  }
}

/** The kernel lists listening sockets with their inode; the process is the one that has this inode open. */
function listenerByProc(port: number): number | null {
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0');
  const inodes = new Set<string>();
  for (const file of ['/proc/net/tcp', '/proc/net/tcp6']) {
    if (!existsSync(file)) continue;
    for (const line of readFileSync(file, 'utf8').split('\n').slice(1)) {
      const fields = line.trim().split(/\s+/);
      if (fields[1]?.endsWith(`:${hexPort}`) && fields[3] === '0A') inodes.add(`socket:[${fields[9]}]`);
    }
  }
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      for (const fd of readdirSync(`/proc/${pid}/fd`)) {
        if (inodes.has(readlinkSync(`/proc/${pid}/fd/${fd}`))) return Number(pid);
      }
    } catch {
      // it ended while we looked, or it is not ours to look into
    }
  }
  return null;
}
