import {
  chmodSync,
  chownSync,
  closeSync,
  fchownSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';

const READ_BY_OWNER = 0o400;
const FOLDER_OF_OWNER = 0o700;

/** A folder that only its owner can enter. Without an owner, that of this process. */
export function prepareFolder(folder: string, owner: number | undefined): void {
  mkdirSync(path.dirname(folder), { recursive: true, mode: 0o755 });
  mkdirSync(folder, { recursive: true, mode: FOLDER_OF_OWNER });
  setOwner(folder, owner, FOLDER_OF_OWNER);
}

/** Gives a file or folder to its owner. Without an owner, it is left as it is. */
export function setOwner(file: string, owner: number | undefined, mode = READ_BY_OWNER): void {
  if (owner === undefined) return;
  const { uid, gid, mode: present } = statSync(file);
  if (uid !== owner || gid !== owner) chownSync(file, owner, owner);
  if ((present & 0o777) !== mode) chmodSync(file, mode);
}

/** Writes a file beside its place, and gives it its name when it is complete and on the disk. */
export function writeSecret(file: string, content: string, owner: number | undefined): void {
  const unfinished = path.join(path.dirname(file), `.${path.basename(file)}.unfinished`);
  rmSync(unfinished, { force: true }); // of a run that was interrupted
  const descriptor = openSync(unfinished, 'wx', READ_BY_OWNER);
  try {
    writeSync(descriptor, content);
    if (owner !== undefined) fchownSync(descriptor, owner, owner);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(unfinished, file);
}
