import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, open } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { receivedFile, type Upload } from '../../src/uploads/upload.js';
import { mp4Box, opusFile, videoFile } from '../media/kit/media-files.js';
import { TestUploads } from './kit/test-uploads.js';

const MB = 2 ** 20;

let uploads: TestUploads;
beforeAll(async () => {
  uploads = await TestUploads.start();
});
afterAll(() => uploads.stop());

it('a voice message has its duration and its waveform, and is delivered as it was sent, with ranges', async () => {
  const content = await opusFile('webm of a recorder', 2, (at) => at);
  const asset = await uploads.upload({ kind: 'VOICE_MESSAGE', fileName: 'voice.webm', mimeType: 'audio/webm;codecs=opus', content });
  expect(asset).toMatchObject({ type: 'VOICE_MESSAGE', mimeType: 'audio/webm', sizeBytes: content.length, thumbnailUrl: null });
  expect(asset.durationSeconds).toBeCloseTo(2, 1);
  expect(asset.waveform).toHaveLength(64);
  const { headers, content: delivered } = await uploads.read(asset.id);
  expect(delivered.equals(content)).toBe(true);
  expect(headers).toMatchObject({ 'content-type': 'audio/webm', 'accept-ranges': 'bytes', 'x-content-type-options': 'nosniff' });
  expect(headers['content-disposition']).toMatch(/^inline;/);
});

it('a video has its duration and its size in pixels', async () => {
  const content = await videoFile('mp4', 3, 320, 180);
  const asset = await uploads.upload({ kind: 'VIDEO', fileName: 'a.mp4', mimeType: 'video/mp4', content });
  expect(asset).toMatchObject({ type: 'VIDEO', durationSeconds: 3, width: 320, height: 180, waveform: null });
});

it('a video without pictures is refused', async () => {
  const content = await opusFile('mp4', 1, () => 1);
  expect(await uploads.refusal({ kind: 'VIDEO', fileName: 'a.mp4', mimeType: 'video/mp4', content })).toBe('file/broken');
});

it('checking 20 videos of 100 MB at once needs less than 100 MB of memory', async () => {
  const video = await videoFile('mp4', 3, 320, 180);
  const sent = await Promise.all(Array.from({ length: 20 }, () => arrive(video, 100 * MB)));
  const { durations, growth } = await completeInProcess(sent);
  expect(durations).toEqual(Array(20).fill(3));
  console.info(`${Math.round(growth / MB)} MB`);
  expect(growth / MB).toBeLessThan(100);
});

async function completeInProcess(sent: Upload[]): Promise<{ durations: number[]; growth: number }> {
  const program = fileURLToPath(new URL('./kit/check-memory.fixture.mjs', import.meta.url));
  const { databaseUrl, schema, directory } = uploads;
  const work = { databaseUrl, schema, directory, uploads: sent.map(({ ownerId, id }) => ({ ownerId, id })) };
  const { stdout } = await promisify(execFile)(process.execPath, [program, JSON.stringify(work)]);
  return JSON.parse(stdout);
}

/** The video as it is in the storage after its transfer: its index at the end, behind a box of zeros that takes no space on the disk. */
async function arrive(video: Buffer, sizeBytes: number): Promise<Upload> {
  const upload = await uploads.begin({ kind: 'VIDEO', fileName: 'a.mp4', mimeType: 'video/mp4', sizeBytes }, randomUUID());
  const file = path.join(uploads.directory, 'chat', 'files', receivedFile('chat', upload).key);
  await mkdir(path.dirname(file), { recursive: true });
  const indexAt = video.indexOf('moov') - 4;
  const handle = await open(file, 'w');
  await handle.write(Buffer.concat([video.subarray(0, indexAt), mp4Box('free', '', sizeBytes - video.length)]), 0, undefined, 0);
  await handle.write(video.subarray(indexAt), 0, undefined, sizeBytes - (video.length - indexAt));
  await handle.close();
  return upload;
}
