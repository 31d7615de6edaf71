import { randomBytes, randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../src/testing/index.js';
import { storageKey, type StoredFile } from '../../src/media/index.js';
import { STORAGES, type StorageUnderTest } from './kit/storages.js';

/** What every storage promises. The pipeline of uploads relies on it, so that it need not know the storage. */
describe.each(Object.entries(STORAGES))('files in %s', (_, start) => {
  let test: StorageUnderTest;
  beforeAll(async () => void (test = await start()));
  afterAll(() => test.close());

  const newFile = (): StoredFile => ({ key: storageKey('test', randomUUID(), randomUUID()), kind: 'DOCUMENT' });
  const write = (file: StoredFile, content: Buffer, sizeBytes = content.length) =>
    test.storage.write(file, Readable.from(chunksOf(content)), { sizeBytes, mimeType: 'text/plain' });
  const readAll = async (file: StoredFile, range?: { start: number; end: number }) => buffer(await test.storage.read(file, range));

  it('are read as they were written, whole and in ranges', async () => {
    const file = newFile();
    const content = randomBytes(300_000);
    await write(file, content);
    expect(await test.storage.sizeOf(file)).toBe(content.length);
    expect((await readAll(file)).equals(content)).toBe(true);
    expect((await readAll(file, { start: 0, end: 0 })).equals(content.subarray(0, 1))).toBe(true);
    expect((await readAll(file, { start: 100_000, end: 299_999 })).equals(content.subarray(100_000))).toBe(true);
  });

  it('are replaced by a later file with the same key', async () => {
    const file = newFile();
    await write(file, Buffer.from('first'));
    await write(file, Buffer.from('second one'));
    expect((await readAll(file)).toString()).toBe('second one');
  });

  it('are not stored if a byte is missing or too many, or the sender fails', async () => {
    const before = await test.countFiles();
    await expect(write(newFile(), Buffer.alloc(70_000), 70_001)).rejects.toMatchObject({ code: 'file/incomplete', kind: 'invalid' });
    await expect(write(newFile(), Buffer.alloc(70_000), 69_999)).rejects.toMatchObject({ code: 'file/too-large', kind: 'too-large' });
    const failing = Readable.from(failingAfter(Buffer.alloc(70_000)));
    await expect(test.storage.write(newFile(), failing, { sizeBytes: 100_000, mimeType: 'text/plain' })).rejects.toMatchObject({
      kind: 'unavailable',
    });
    expect(await test.countFiles()).toBe(before);
  });

  it('are not stored if the upload is given up, however slow the sender is', async () => {
    const before = await test.countFiles();
    const canceled = new AbortController();
    const endless = new Readable({ read() {} });
    endless.push(Buffer.alloc(1000));
    const writing = test.storage.write(newFile(), endless, { sizeBytes: 2000, mimeType: 'text/plain' }, canceled.signal);
    canceled.abort(new Error('too slow'));
    await expect(writing).rejects.toMatchObject({ kind: 'unavailable' });
    expect(endless.destroyed).toBe(true);
    await eventually(async () => (await test.countFiles()) === before);
  });

  it('may be missing', async () => {
    const file = newFile();
    expect(await test.storage.sizeOf(file)).toBeNull();
    await expect(readAll(file)).rejects.toMatchObject({ code: 'file/not-found', kind: 'not-found' });
    await expect(test.storage.move(file, newFile().key)).rejects.toMatchObject({ code: 'file/not-found' });
    await test.storage.delete(file);
  });

  it('are deleted once and for all, by a repeated call as well', async () => {
    const file = newFile();
    await write(file, Buffer.from('x'));
    const before = await test.countFiles();
    await test.storage.delete(file);
    await test.storage.delete(file);
    expect(await test.countFiles()).toBe(before - 1);
    expect(await test.storage.sizeOf(file)).toBeNull();
  });

  it('are moved to another key', async () => {
    const from = newFile();
    const to = { ...newFile(), kind: from.kind };
    await write(from, Buffer.from('moved'));
    await test.storage.move(from, to.key);
    expect((await readAll(to)).toString()).toBe('moved');
    expect(await test.storage.sizeOf(from)).toBeNull();
  });

  it.each([
    '../../etc/passwd',
    'test/../../x',
    '/etc/passwd',
    `test/${randomUUID()}/x\0`,
    `test/${randomUUID()}/${randomUUID()}/../../x`,
    '',
  ])('never have the key %j', async (key) => {
    const file: StoredFile = { key, kind: 'DOCUMENT' };
    await expect(write(file, Buffer.from('x'))).rejects.toThrow('not the key of a file');
    await expect(async () => readAll(file)).rejects.toThrow('not the key of a file');
    await expect(test.storage.delete(file)).rejects.toThrow('not the key of a file');
  });

  it('can be written by many at once', async () => {
    const files = Array.from({ length: 20 }, newFile);
    await Promise.all(files.map((file, index) => write(file, Buffer.alloc(10_000, index))));
    for (const [index, file] of files.entries()) expect((await readAll(file)).equals(Buffer.alloc(10_000, index))).toBe(true);
  });
});

function* chunksOf(content: Buffer): Generator<Buffer> {
  for (let start = 0; start < content.length; start += 65_536) yield content.subarray(start, start + 65_536);
}

function* failingAfter(content: Buffer): Generator<Buffer> {
  yield content;
  throw Object.assign(new Error('the connection of the client broke'), { code: 'ECONNRESET' });
}
