import { randomUUID } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/index.js';
import { createMediaStorage, MediaStorageConfig, storageKey, type StoredFile } from '../../src/media/index.js';
import { silentLog } from '../../src/observability/index.js';

let directory: string;
beforeEach(async () => void (directory = await mkdtemp(join(tmpdir(), 'chat-files-'))));
afterEach(() => rm(directory, { recursive: true }));

const createIn = async (path: string) => {
  const storage = await createMediaStorage(loadConfig(MediaStorageConfig, { FILES_DIR: path }), 'test', silentLog);
  await storage.prepare();
  return storage;
};
const newFile = (): StoredFile => ({ key: storageKey('test', randomUUID(), randomUUID()), kind: 'IMAGE' });
const contentOf = (sizeBytes: number) => ({ sizeBytes, mimeType: 'image/png' });

it('files and folders are readable by the account of the service alone', async () => {
  const storage = await createIn(directory);
  await storage.write(newFile(), Readable.from([Buffer.from('x')]), contentOf(1));
  const entries = await readdir(join(directory, 'test'), { recursive: true, withFileTypes: true });
  expect(entries.some((entry) => entry.isFile())).toBe(true);
  for (const entry of entries) expect((await stat(join(entry.parentPath, entry.name))).mode & 0o077).toBe(0);
});

it('the log says that files are on disk, and where', async () => {
  const lines: [object, string][] = [];
  const logger = { ...silentLog, info: (fields: object, message: string) => lines.push([fields, message]) };
  await createMediaStorage(loadConfig(MediaStorageConfig, { FILES_DIR: directory }), 'test', logger as never);
  expect(lines).toEqual([[{ directory: join(directory, 'test') }, expect.stringContaining('files are on disk')]]);
});

it('what a crash left unfinished is removed after two hours, and no file of an upload that runs', async () => {
  await mkdir(join(directory, 'test', 'unfinished'), { recursive: true });
  const [abandoned, running] = [join(directory, 'test', 'unfinished', 'a'), join(directory, 'test', 'unfinished', 'b')];
  for (const path of [abandoned, running]) await writeFile(path, 'x');
  const longAgo = new Date(Date.now() - 3 * 60 * 60 * 1000);
  await utimes(abandoned, longAgo, longAgo);
  await createIn(directory);
  expect(await readdir(join(directory, 'test', 'unfinished'))).toEqual(['b']);
});

it('a full disk is reported as such, and leaves nothing behind', async ({ skip }) => {
  const small = join(directory, 'small');
  await mkdir(small);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', small], { stdio: 'ignore' });
  } catch {
    skip('this account may not mount a small file system');
  }
  try {
    const storage = await createIn(small);
    const big = Readable.from(Array.from({ length: 16 }, () => Buffer.alloc(65_536)));
    const full = { code: 'file-storage/full', kind: 'unavailable' };
    await expect(storage.write(newFile(), big, contentOf(1_048_576))).rejects.toMatchObject(full);
    expect(await readdir(join(small, 'test', 'unfinished'))).toEqual([]);
    const file = newFile();
    await storage.write(file, Readable.from([Buffer.alloc(100_000)]), contentOf(100_000));
    expect(await storage.sizeOf(file)).toBe(100_000);
  } finally {
    execFileSync('umount', [small]);
  }
});

it('credentials that are incomplete, or two storages at once, are refused at start', () => {
  const load = (env: Record<string, string>) => () => loadConfig(MediaStorageConfig, env);
  expect(load({ CLOUDINARY_CLOUD_NAME: 'a', CLOUDINARY_API_KEY: 'b' })).toThrow('must be set together');
  expect(load({ S3_BUCKET: 'a', S3_ACCESS_KEY_ID: 'b' })).toThrow('must be set together');
  const both = { CLOUDINARY_CLOUD_NAME: 'a', CLOUDINARY_API_KEY: 'b', CLOUDINARY_API_SECRET: 'c', S3_BUCKET: 'd' };
  expect(load(both)).toThrow('exclude each other');
});
