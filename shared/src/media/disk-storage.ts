import { constants, createWriteStream } from 'node:fs';
import { access, open, rename, rm, rmdir, stat, unlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { newId } from '../database/new-id.js';
import { createOwnFolder, removeAbandoned } from './abandoned-files.js';
import { ExactLength } from './exact-length.js';
import type { ByteRange, MediaStorage, NewFile, StoredFile } from './media-storage.js';
import { fileNotFound, storageFault } from './storage.errors.js';
import { checkedKey } from './storage-key.js';

const OWNER_ONLY_FILE = 0o600;

/**
 * Files in a directory, which all instances of the service must share. A file appears under its key complete and synchronised, or not at
 * all: it is written under a temporary name and renamed. Only the account of the service can read it.
 */
export class DiskStorage implements MediaStorage {
  readonly name = 'disk';
  readonly #files: string;
  readonly #unfinished: string;

  constructor(directory: string) {
    this.#files = resolve(directory, 'files');
    this.#unfinished = resolve(directory, 'unfinished');
  }

  async prepare(): Promise<void> {
    for (const folder of [this.#files, this.#unfinished]) await createOwnFolder(folder);
    await access(this.#files, constants.W_OK);
    await removeAbandoned(this.#unfinished);
  }

  async createDirectUpload(): Promise<null> {
    return null;
  }

  async write(file: StoredFile, body: Readable, { sizeBytes }: NewFile, signal?: AbortSignal): Promise<void> {
    const target = this.#pathOf(file.key);
    const temporary = join(this.#unfinished, newId());
    try {
      const sink = createWriteStream(temporary, { flags: 'wx', mode: OWNER_ONLY_FILE, flush: true });
      await pipeline(body, new ExactLength(sizeBytes), sink, signal ? { signal } : {});
      await renameInto(temporary, target);
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => undefined);
      throw storageFault(error);
    }
  }

  async sizeOf(file: StoredFile): Promise<number | null> {
    const path = this.#pathOf(file.key);
    const found = await stat(path).catch(ifMissing(null));
    return found?.size ?? null;
  }

  async read(file: StoredFile, range?: ByteRange): Promise<Readable> {
    const handle = await open(this.#pathOf(file.key), 'r').catch(ifMissing(null));
    if (!handle) throw fileNotFound();
    return handle.createReadStream(range ? { start: range.start, end: range.end } : {});
  }

  async move(file: StoredFile, key: string): Promise<void> {
    if ((await this.sizeOf(file)) === null) throw fileNotFound();
    await renameInto(this.#pathOf(file.key), this.#pathOf(key)).catch(rejectAsFault);
  }

  async delete(file: StoredFile): Promise<void> {
    const path = this.#pathOf(file.key);
    await unlink(path).catch(ifMissing(undefined));
    // The folder of an owner without files; it stays if it has others.
    await rmdir(dirname(path)).catch(() => undefined);
  }

  async close(): Promise<void> {}

  #pathOf(key: string): string {
    return join(this.#files, checkedKey(key));
  }
}

/** Renames, and synchronises the folder, so that the name is still there after a power failure. */
async function renameInto(from: string, to: string): Promise<void> {
  const folder = dirname(to);
  for (let attempt = 1; ; attempt++) {
    await createOwnFolder(folder);
    try {
      await rename(from, to);
      break;
    } catch (error) {
      // A deletion removed the empty folder in between.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || attempt === 3) throw error;
    }
  }
  const handle = await open(folder, 'r');
  await handle.sync().finally(() => handle.close());
}

/** For `catch`: this value if there is no such file. */
function ifMissing<T>(value: T): (error: unknown) => T {
  return (error) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return value;
    return rejectAsFault(error);
  };
}

function rejectAsFault(error: unknown): never {
  throw storageFault(error);
}
