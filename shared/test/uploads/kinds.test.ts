import { officeFiles, zip } from '@chat/testkit/zip';
import { randomUUID } from 'node:crypto';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AppError } from '../../src/errors/index.js';
import { eventually } from '../../src/testing/index.js';
import { type SentFile, TestUploads } from './kit/test-uploads.js';

const DOCX = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';
const MB = 2 ** 20;

const text = (content: string, changes: Partial<SentFile> = {}): SentFile => ({
  kind: 'DOCUMENT',
  fileName: 'notes.txt',
  mimeType: 'text/plain',
  content: Buffer.from(content),
  ...changes,
});

let uploads: TestUploads;
beforeAll(async () => {
  uploads = await TestUploads.start({ FILES_MAX_DOCUMENT_MB: '1', FILES_VIDEO_TYPES: 'video/mp4' });
});
afterAll(() => uploads.stop());

describe('a document', () => {
  it('is delivered as it was sent, to download, and never as a page', async () => {
    const page = '<!doctype html><html><script>alert(document.cookie)</script></html>';
    const asset = await uploads.upload(text(page, { fileName: 'page "1".txt' }));
    expect(asset).toMatchObject({ type: 'DOCUMENT', mimeType: 'text/plain', sizeBytes: page.length, thumbnailUrl: null });
    const { headers, content } = await uploads.read(asset.id);
    expect(content.toString()).toBe(page);
    expect(headers).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringContaining('sandbox'),
      'content-disposition': `attachment; filename="page _1_.txt"; filename*=UTF-8''page%20%221%22.txt`,
    });
  });

  it('of Office is accepted, and counts with its size', async () => {
    const content = zip(officeFiles('docx'));
    const ownerId = randomUUID();
    const sent = await uploads.send({ kind: 'DOCUMENT', fileName: 'letter.docx', mimeType: DOCX, content }, ownerId);
    await uploads.completion.complete(ownerId, sent.id);
    const [usage] = await uploads.dataSource.query('select total_bytes::int as total from upload_usage where owner_id = $1', [ownerId]);
    expect(usage).toEqual({ total: content.length });
    expect(await uploads.filesOf(ownerId)).toEqual([`${sent.id}-original`]);
  });

  it('that is an archive with the name of a document is refused, and nothing of it is left', async () => {
    const ownerId = randomUUID();
    const content = zip([{ name: 'a.txt', content: 'a' }]);
    const { id } = await uploads.send({ kind: 'DOCUMENT', fileName: 'a.docx', mimeType: DOCX, content }, ownerId);
    await expect(uploads.completion.complete(ownerId, id)).rejects.toMatchObject({ code: 'file/wrong-type' });
    await expect(uploads.completion.complete(ownerId, id)).rejects.toMatchObject({ code: 'upload/not-found' });
    await eventually(async () => (await uploads.filesOf(ownerId)).length === 0);
  });

  it('that is replaced after its check is delivered as it was checked', async () => {
    const ownerId = randomUUID();
    const upload = await uploads.send(text('checked'), ownerId);
    await uploads.completion.complete(ownerId, upload.id);
    await expect(uploads.receiver.store(upload, PassThrough.from(['changed']), AbortSignal.timeout(10_000))).rejects.toMatchObject({
      code: 'upload/completed',
    });
    expect((await uploads.read(upload.id)).content.toString()).toBe('checked');
    await eventually(async () => (await uploads.filesOf(ownerId)).join() === `${upload.id}-original`);
  });
});

describe('limits', () => {
  const begin = (stated: Parameters<TestUploads['begin']>[0]) => uploads.begin(stated);
  const txt = { kind: 'DOCUMENT', fileName: 'a.txt', mimeType: 'text/plain' } as const;

  it('are those of the kind', async () => {
    await begin({ ...txt, sizeBytes: MB });
    await expect(begin({ ...txt, sizeBytes: MB + 1 })).rejects.toMatchObject({ code: 'file/too-large', kind: 'too-large' });
    const video = { kind: 'VIDEO', fileName: 'a.mp4', mimeType: 'video/mp4' } as const;
    await begin({ ...video, sizeBytes: 100 * MB });
    await expect(begin({ ...video, sizeBytes: 100 * MB + 1 })).rejects.toMatchObject({ code: 'file/too-large' });
    const voice = { kind: 'VOICE_MESSAGE', fileName: 'a.webm', mimeType: 'audio/webm;codecs=opus' } as const;
    expect(await begin({ ...voice, sizeBytes: 25 * MB })).toMatchObject({ mimeType: 'audio/webm' });
    await expect(begin({ ...voice, sizeBytes: 25 * MB + 1 })).rejects.toMatchObject({ code: 'file/too-large' });
  });

  it('of types are those of the configuration', async () => {
    const webm = { kind: 'VIDEO', fileName: 'a.webm', mimeType: 'video/webm', sizeBytes: 10 } as const;
    await expect(begin(webm)).rejects.toMatchObject({ code: 'file/wrong-type' });
  });

  it('of a purpose: the picture of a group is an image', async () => {
    const request = { ...txt, sizeBytes: 10, purpose: 'GROUP_PICTURE' } as const;
    await expect(uploads.tickets.create(randomUUID(), request)).rejects.toMatchObject({ code: 'file/wrong-type', kind: 'invalid' });
  });
});

describe('a check that does not end', () => {
  it('because the storage fails may be repeated, although the file was moved before', async () => {
    let failures = 1;
    const own = await TestUploads.start({}, (storage) => {
      const read = storage.read.bind(storage);
      storage.read = async (...file) => {
        if (failures-- > 0) throw new AppError('unavailable', 'file-storage/unavailable', 'unavailable');
        return read(...file);
      };
      return storage;
    });
    try {
      const ownerId = randomUUID();
      const { id } = await own.send(text('hello'), ownerId);
      await expect(own.completion.complete(ownerId, id)).rejects.toMatchObject({ kind: 'unavailable' });
      expect(await own.completion.complete(ownerId, id)).toMatchObject({ state: 'ready' });
    } finally {
      await own.stop();
    }
  });

  it('in its time has no result: another request may have moved another file meanwhile', async () => {
    const readings = [new PassThrough(), new PassThrough()] as const;
    let begun = 0;
    const own = await TestUploads.start({}, (storage) => {
      const read = storage.read.bind(storage);
      storage.read = async (...file) => readings[begun++] ?? read(...file);
      return storage;
    });
    try {
      const ownerId = randomUUID();
      const upload = await own.send(text('first!'), ownerId);
      const first = own.completion.complete(ownerId, upload.id);
      await eventually(() => begun === 1);
      await own.dataSource.query("update uploads set checking_until = now() - interval '1 second' where id = $1", [upload.id]);
      await own.receiver.store(upload, PassThrough.from([Buffer.from('second')]), AbortSignal.timeout(10_000));
      const second = own.completionOfAnotherProcess().complete(ownerId, upload.id);
      await eventually(() => begun === 2);
      readings[0].end('first!');
      await expect(first).rejects.toMatchObject({ code: 'upload/being-checked' });
      readings[1].end('second');
      expect(await second).toMatchObject({ state: 'ready' });
      expect((await own.read(upload.id)).content.toString()).toBe('second');
    } finally {
      await own.stop();
    }
  });
});
