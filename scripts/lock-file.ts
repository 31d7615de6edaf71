import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from './places.ts';

interface LockedPackage {
  version?: string;
  resolved?: string;
  link?: boolean;
  dev?: boolean;
  optional?: boolean;
  os?: string[];
  cpu?: string[];
  libc?: string[];
  optionalDependencies?: Record<string, string>;
}
interface LockFile {
  packages: Record<string, LockedPackage>;
}

const FILE = path.join(ROOT, 'package-lock.json');

/** What is wrong with package-lock.json: it must work behind any mirror of the registry, and on every platform. */
export function lockFileProblems(lock = readLock()): string[] {
  const addresses = Object.entries(lock.packages)
    .filter(([, { resolved, link }]) => resolved !== undefined && !link)
    .map(([place]) => `${place} has a download address`);
  const missing = missingPlatformPackages(lock).map(({ place }) => `${place} is missing: npm ci would refuse the file`);
  return [...addresses, ...missing];
}

/**
 * Adds the packages of other platforms that npm left out because the registry at hand does not carry them. They stand there without a
 * checksum; npm fetches them only on the platform they are for.
 */
export function completeLockFile(): void {
  const lock = readLock();
  for (const { place, entry } of missingPlatformPackages(lock)) lock.packages[place] = entry;
  const sorted = Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1));
  const text = `${JSON.stringify({ ...lock, packages: Object.fromEntries(sorted) }, null, 2)}\n`;
  if (text !== readFileSync(FILE, 'utf8')) writeFileSync(FILE, text);
}

const readLock = (): LockFile => JSON.parse(readFileSync(FILE, 'utf8')) as LockFile;

function missingPlatformPackages({ packages }: LockFile): { place: string; entry: LockedPackage }[] {
  return Object.values(packages).flatMap((owner) =>
    Object.entries(owner.optionalDependencies ?? {})
      .map(([name, version]) => ({ place: `node_modules/${name}`, entry: platformPackage(name, version, owner) }))
      .filter(({ place, entry }) => !(place in packages) && entry.os !== undefined),
  );
}

/** The name says for which platform it is. */
function platformPackage(name: string, version: string, { dev }: LockedPackage): LockedPackage {
  const os = name.match(/[-/](darwin|linux|win32|win|android|freebsd|openharmony)\b/)?.[1];
  const cpu = name.match(/-(arm64|arm|x64|ia32|ppc64|riscv64|s390x)\b/)?.[1];
  const libc = name.match(/-(musl|gnu)/)?.[1];
  return {
    version: version.replace(/^[~^]/, ''),
    ...(cpu && { cpu: [cpu] }),
    ...(dev && { dev }),
    ...(os === 'linux' && libc && { libc: [libc === 'gnu' ? 'glibc' : libc] }),
    optional: true,
    ...(os && { os: [os === 'win' ? 'win32' : os] }),
  };
}
