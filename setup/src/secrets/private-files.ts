import { randomUUID } from 'node:crypto';
import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { UsageError } from '@chat/shared/cli';

const READ_BY_OWNER = 0o400;
const FOLDER_OF_OWNER = 0o700;
const UNFINISHED = '.unfinished';

/** The folder of all folders. As root, no other user can enter it: one of the host may have the id of a container's user. */
export function prepareBase(dir: string, isRoot: boolean): void {
  const first = mkdirSync(dir, { recursive: true, mode: FOLDER_OF_OWNER });
  open(realpathSync(dir), 'folder', (descriptor) => isRoot && give(descriptor, 0, FOLDER_OF_OWNER));
  if (first === undefined) return;
  for (let made = path.resolve(dir); made.length >= path.resolve(first).length; made = path.dirname(made)) syncFolder(path.dirname(made));
}

/** A folder that only its owner can enter. Without an owner, that of this process. */
export function prepareFolder(folder: string, owner: number | undefined): void {
  try {
    mkdirSync(folder, { mode: FOLDER_OF_OWNER });
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw refusal(folder, codeOf(error));
  }
  open(folder, 'folder', (descriptor) => owner !== undefined && give(descriptor, owner, FOLDER_OF_OWNER));
}

/** Gives a file to its owner. Without an owner, it is left as it is. */
export function setOwner(file: string, owner: number | undefined): void {
  if (owner !== undefined) open(file, 'regular file', (descriptor) => give(descriptor, owner, READ_BY_OWNER));
}

/** Undefined for a file that does not exist, or that is empty. */
export function readSecret(file: string): string | undefined {
  try {
    const content = open(file, 'regular file', (descriptor) => readFileSync(descriptor, 'utf8')).replace(/\r?\n$/, '');
    return content.trim() === '' ? undefined : content;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Writes a file beside its place, and gives it its name when it is complete and on the disk; the name is on the disk after `finishFolder`.
 * Returns the value that the file has then: another one, if another process has written it in the meantime.
 */
export function writeSecret(file: string, content: string, owner: number | undefined): string {
  const unfinished = path.join(path.dirname(file), `.${path.basename(file)}.${randomUUID()}${UNFINISHED}`);
  const descriptor = openSync(unfinished, 'wx', READ_BY_OWNER);
  try {
    writeSync(descriptor, content);
    if (owner !== undefined) fchownSync(descriptor, owner, owner);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  try {
    linkSync(unfinished, file); // unlike rename, it replaces nothing
  } catch (error) {
    // ENOENT: the other process has finished, and removed what was unfinished.
    if (!['EEXIST', 'ENOENT'].includes(codeOf(error) ?? '')) throw error;
    const existing = readSecret(file);
    if (existing !== undefined) {
      rmSync(unfinished, { force: true });
      return existing;
    }
    renameSync(unfinished, file); // in place of an empty file
  }
  rmSync(unfinished, { force: true });
  return content;
}

/** When all its files are there: removes what an interrupted run has left, and waits until the names are on the disk. */
export function finishFolder(folder: string): void {
  const left = readdirSync(folder).filter((name) => name.startsWith('.') && name.endsWith(UNFINISHED));
  for (const name of left) rmSync(path.join(folder, name), { force: true });
  syncFolder(folder);
}

/** Waits until the names in a folder are on the disk. */
export function syncFolder(folder: string): void {
  const descriptor = openSync(folder, constants.O_RDONLY);
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Follows no link, and what `use` changes is what was checked: the owner of a folder could exchange the file in between. */
function open<T>(file: string, kind: 'regular file' | 'folder', use: (descriptor: number) => T): T {
  let descriptor: number;
  try {
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK); // does not wait at a pipe
  } catch (error) {
    if (codeOf(error) === 'ENOENT') throw error;
    throw codeOf(error) === 'ELOOP' ? wrongKind(file, kind) : refusal(file, codeOf(error));
  }
  try {
    const found = fstatSync(descriptor);
    if (kind === 'folder' ? !found.isDirectory() : !found.isFile()) throw wrongKind(file, kind);
    return use(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function give(descriptor: number, owner: number, mode: number): void {
  const { uid, gid, mode: present } = fstatSync(descriptor);
  if (uid !== owner || gid !== owner) fchownSync(descriptor, owner, owner);
  if ((present & 0o777) !== mode) fchmodSync(descriptor, mode);
}

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code;
const wrongKind = (file: string, kind: string) =>
  new UsageError(`${file} is a link or not a ${kind}: put a ${kind} in its place, or delete it, and run this again.`);
const refusal = (file: string, code = '') =>
  new UsageError(`${file} cannot be used (${code}): run this as root, or as the owner of the file.`);
