import { EICAR, FakeClamd } from '@chat/testkit/fake-clamd';
import { greyPng } from '@chat/testkit/png';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/index.js';
import { eventually } from '../../src/testing/index.js';
import { UploadsConfig } from '../../src/uploads/index.js';
import { type SentFile, TestUploads } from './kit/test-uploads.js';

let clamd: FakeClamd;
let uploads: TestUploads;
beforeAll(async () => {
  clamd = await FakeClamd.start();
  uploads = await TestUploads.start({ FILES_SCAN_ADDRESS: clamd.address, FILES_SCAN_TIMEOUT: '2', FILES_KEEP_QUARANTINED: '3d' });
});
afterAll(async () => {
  await uploads?.stop();
  await clamd?.close();
});

const text = (content: string): SentFile => ({
  kind: 'DOCUMENT',
  fileName: 'notes.txt',
  mimeType: 'text/plain',
  content: Buffer.from(content),
});
const picture = (after = ''): SentFile => ({
  kind: 'IMAGE',
  fileName: 'me.png',
  mimeType: 'image/png',
  content: Buffer.concat([greyPng(20, 10), Buffer.from(after)]),
});

describe('with a scanner', () => {
  it.each([
    ['a document', text('clean')],
    ['an image', picture()],
  ])('%s without malware can be used, and was scanned as it was sent', async (_, file) => {
    const asset = await uploads.upload(file);
    expect(clamd.scanned.at(-1)).toBe(file.content.length);
    expect((await uploads.read(asset.id)).content.length).toBeGreaterThan(0);
  });

  it.each([
    ['a document', text(`begin\n${EICAR}\nend`)],
    ['an image', picture(EICAR)],
  ])('%s with malware is refused, is never delivered, and stays in quarantine until it is deleted', async (_, file) => {
    const ownerId = randomUUID();
    const { id } = await uploads.send(file, ownerId);
    await expect(uploads.completion.complete(ownerId, id)).rejects.toMatchObject({ kind: 'invalid', code: 'file/infected' });
    await eventually(async () => expect(await uploads.filesOf(ownerId)).toEqual([`${id}-quarantine`]));
    await expect(uploads.completion.complete(ownerId, id)).rejects.toMatchObject({ code: 'upload/not-found' });
    await expect(uploads.read(id)).rejects.toMatchObject({ code: 'file/not-found' });
    const [queued] = await uploads.dataSource.query(
      `select extract(epoch from due_at - now())::int as seconds from file_deletions where key like '%' || $1 || '-quarantine'`,
      [id],
    );
    expect(queued.seconds / 86_400).toBeCloseTo(3, 1);
    const [usage] = await uploads.dataSource.query('select total_bytes::int as total from upload_usage where owner_id = $1', [ownerId]);
    expect(usage.total).toBe(0);

    await uploads.dataSource.query(`update file_deletions set due_at = now() where key like '%' || $1 || '-quarantine'`, [id]);
    uploads.cleanup.wake();
    await eventually(async () => expect(await uploads.filesOf(ownerId)).toEqual([]));
  });

  it('a connection that fails is made again, and without a verdict the upload is UNAVAILABLE and can be completed later', async () => {
    clamd.faults.push('closes', 'error');
    await uploads.upload(text('after two failures'));
    for (const faults of [['closes', 'closes', 'closes'], ['silent']] as const) {
      const ownerId = randomUUID();
      const { id } = await uploads.send(text('later'), ownerId);
      clamd.faults.push(...faults);
      await expect(uploads.completion.complete(ownerId, id)).rejects.toMatchObject({ kind: 'unavailable' });
      await expect(uploads.read(id)).rejects.toMatchObject({ code: 'file/not-found' });
      expect((await uploads.completion.complete(ownerId, id)).state).toBe('ready');
    }
  });
});

it('without FILES_SCAN_ADDRESS nothing is scanned, and with a wrong one the service does not start', async () => {
  const unscanned = await TestUploads.start();
  try {
    await unscanned.upload(text(EICAR));
  } finally {
    await unscanned.stop();
  }
  expect(loadConfig(UploadsConfig, { FILES_SCAN_ADDRESS: '' }).scan.address).toBeUndefined();
  expect(() => loadConfig(UploadsConfig, { FILES_SCAN_ADDRESS: 'clamd:3310' })).toThrow('FILES_SCAN_ADDRESS');
});
