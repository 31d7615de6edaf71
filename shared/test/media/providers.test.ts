import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../src/testing/index.js';
import { type DirectUpload, storageKey, type StoredFile } from '../../src/media/index.js';
import { STORAGES, type StorageUnderTest } from './kit/storages.js';

const PNG = Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), Buffer.alloc(5000)]);

describe.each([
  ['s3', STORAGES.s3],
  ['cloudinary', STORAGES.cloudinary],
] as const)('a direct upload to %s', (name, start) => {
  let test: StorageUnderTest;
  beforeAll(async () => void (test = await start()));
  afterAll(() => test.close());

  const newImage = (): StoredFile => ({ key: storageKey('test', randomUUID(), randomUUID()), kind: 'IMAGE' });
  const begin = async (file: StoredFile, validMs = 60_000) => {
    const upload = { sizeBytes: PNG.length, mimeType: 'image/png', expiresAt: new Date(Date.now() + validMs) };
    return (await test.storage.createDirectUpload(file, upload))!;
  };
  /** As a browser sends it: the fields, then the file. */
  const send = async ({ url, fields }: DirectUpload, content: Buffer = PNG) => {
    const form = new FormData();
    for (const [field, value] of Object.entries(fields)) form.append(field, value);
    form.append('file', new Blob([new Uint8Array(content)]));
    return (await fetch(url, { method: 'POST', body: form })).status;
  };

  it('stores the file under the key that we chose', async () => {
    const file = newImage();
    expect(await send(await begin(file))).toBeLessThan(300);
    expect(await test.storage.sizeOf(file)).toBe(PNG.length);
    expect((await buffer(await test.storage.read(file))).equals(PNG)).toBe(true);
  });

  it('is refused with another key, another type, another expiry or without a signature', async () => {
    const before = await test.countFiles();
    const upload = await begin(newImage());
    const keyField = name === 's3' ? 'key' : 'public_id';
    const changes: Record<string, string>[] = [{ [keyField]: newImage().key }, { timestamp: '9999999999', Policy: 'e30=' }];
    changes.push(name === 's3' ? { 'Content-Type': 'text/html' } : { allowed_formats: 'svg', type: 'upload' });
    changes.push(name === 's3' ? { 'X-Amz-Signature': '' } : { signature: '' });
    for (const change of changes) expect(await send({ ...upload, fields: { ...upload.fields, ...change } })).toBeGreaterThanOrEqual(400);
    expect(await test.countFiles()).toBe(before);
  });

  it('is refused when the ticket has expired', async () => {
    const upload = await begin(newImage(), 1000);
    await eventually(async () => (await send(upload)) >= 400);
  });

  it('is refused if the file is of another type or size than the ticket says', async () => {
    const before = await test.countFiles();
    // S3 does not look into files, and Cloudinary has no limit for the size in its signature; completeUpload checks both.
    const wrong = name === 's3' ? Buffer.concat([PNG, Buffer.alloc(1)]) : Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>');
    expect(await send(await begin(newImage()), wrong)).toBeGreaterThanOrEqual(400);
    expect(await test.countFiles()).toBe(before);
  });
});

describe.each([
  ['s3', STORAGES.s3],
  ['cloudinary', STORAGES.cloudinary],
] as const)('faults of %s', (_, start) => {
  let test: StorageUnderTest;
  beforeAll(async () => void (test = await start()));
  afterAll(() => test.close());

  const store = async (): Promise<StoredFile> => {
    const file: StoredFile = { key: storageKey('test', randomUUID(), randomUUID()), kind: 'DOCUMENT' };
    await test.storage.write(file, Readable.from([Buffer.from('content')]), { sizeBytes: 7, mimeType: 'text/plain' });
    return file;
  };

  it('are passed over by another attempt, if the call may be repeated', async () => {
    const file = await store();
    test.faults!.add('unavailable', 'reset');
    expect(await test.storage.sizeOf(file)).toBe(7);
    test.faults!.add('reset', 'unavailable');
    expect((await buffer(await test.storage.read(file))).toString()).toBe('content');
    test.faults!.add('unavailable', 'unavailable');
    await test.storage.delete(file);
    expect(await test.storage.sizeOf(file)).toBeNull();
  });

  it('are reported as unavailable, after three attempts', async () => {
    const file = await store();
    const unavailable = { code: 'file-storage/unavailable', kind: 'unavailable' };
    for (const call of [() => test.storage.sizeOf(file), () => test.storage.read(file), () => test.storage.delete(file)]) {
      test.faults!.add('unavailable', 'unavailable', 'unavailable');
      await expect(call()).rejects.toMatchObject(unavailable);
    }
    test.faults!.add('unavailable');
    const body = Readable.from([Buffer.from('content')]);
    await expect(test.storage.write(file, body, { sizeBytes: 7, mimeType: 'text/plain' })).rejects.toMatchObject(unavailable);
  });
});
