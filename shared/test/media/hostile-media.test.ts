import { afterEach, describe, expect, it } from 'vitest';
import type { MediaKind } from '../../src/contracts/index.js';
import { BufferedContent, inspectMedia, type MediaType } from '../../src/media/index.js';
import { mp4Box, opusFile, videoFile } from './kit/media-files.js';

describe('refused or without facts', () => {
  let startedAt = 0;
  afterEach(() => console.info(`ended after ${Math.round(performance.now() - startedAt)} ms`));
  const outcome = async (content: Buffer, type: MediaType, kind: MediaKind) => {
    startedAt = performance.now();
    return inspectMedia(new BufferedContent(content), type, kind).then(
      ({ durationSeconds }) => durationSeconds,
      (error: { code?: string }) => error.code ?? error,
    );
  };
  const ftyp = mp4Box('ftyp', 'isom\0\0\x02\0isommp41');

  it.each<[string, Buffer]>([
    ['nothing behind its type', ftyp],
    ['a box of 4 GB', Buffer.concat([ftyp, mp4Box('moov', '', 0xffff_ffff)])],
    ['a box of 2^63 bytes', Buffer.concat([ftyp, mp4Box('moov', Buffer.from('7fffffffffffffff', 'hex'), 1)])],
    ['a box smaller than its header', Buffer.concat([ftyp, mp4Box('moov', mp4Box('mvhd', '', 2))])],
    ['a box without end', Buffer.concat([ftyp, mp4Box('moov', '', 0), Buffer.alloc(1000)])],
    ['boxes nested 5,000 deep', Buffer.concat([ftyp, nested('moov', 5000)])],
  ])('an MP4 with %s', async (_, content) => expect(await outcome(content, 'video/mp4', 'VIDEO')).toBe('file/broken'));

  it('an MP4 with a million boxes, on which no more than a limited time is spent', async () => {
    const boxes = Buffer.alloc(8_000_000, mp4Box('free'));
    expect(await outcome(Buffer.concat([ftyp, boxes]), 'video/mp4', 'VIDEO')).toSatisfy(
      (found) => found === null || found === 'file/broken',
    );
  });

  it('an MP4 that ends within its index', async () => {
    const content = await videoFile('mp4', 3, 320, 180);
    expect(await outcome(content.subarray(0, content.indexOf('moov') + 50), 'video/mp4', 'VIDEO')).toBe('file/broken');
  });

  it('an MP4 that states 4,000,000,000 pictures', async () => {
    const content = await videoFile('mp4', 3, 320, 180);
    for (const table of ['stts', 'stsz', 'stsc', 'stco']) {
      const at = content.indexOf(table);
      if (at > 0) content.writeUInt32BE(4_000_000_000, at + (table === 'stsz' ? 12 : 8));
    }
    expect(await outcome(content, 'video/mp4', 'VIDEO')).toBeNull();
  });

  it('a WebM whose parts have absurd sizes', async () => {
    const content = await opusFile('webm of a recorder', 1, () => 1);
    for (let at = 60; at < content.length; at += 97) content.writeUInt8(0xff, at);
    expect(await outcome(content, 'audio/webm', 'VOICE_MESSAGE')).toBeNull();
  });

  it('random bytes behind each signature', async () => {
    for (const [type, head] of [
      ['audio/mpeg', 'fffb9064'],
      ['audio/aac', 'fff15080'],
      ['audio/flac', '664c6143'],
      ['audio/ogg', '4f676753'],
      ['audio/wav', '524946466400000057415645'],
      ['audio/webm', '1a45dfa3'],
    ] as const) {
      const noise = Buffer.from(Array.from({ length: 100_000 }, (_, i) => (i * 2_654_435_761) >>> 24));
      expect(await outcome(Buffer.concat([Buffer.from(head, 'hex'), noise]), type, 'AUDIO')).toBe('file/broken');
    }
  });
});

function nested(type: string, depth: number): Buffer {
  let content: Buffer = Buffer.alloc(0);
  for (let i = 0; i < depth; i++) content = mp4Box(type, content);
  return content;
}
