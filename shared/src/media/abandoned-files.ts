import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

const OWNER_ONLY = 0o700;
/** No upload takes as long, so the process that wrote such a file has ended. */
const ABANDONED_AFTER_MS = 2 * 60 * 60 * 1000;

/** Creates a folder for files that are being received, which only the account of the service can read. */
export async function createOwnFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: OWNER_ONLY });
}

/** Removes what a crash of a process left in such a folder. */
export async function removeAbandoned(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    // Another process may have removed it meanwhile.
    const found = await stat(path).catch(() => null);
    if (found && Date.now() - found.mtimeMs > ABANDONED_AFTER_MS) await rm(path, { recursive: true, force: true });
  }
}
