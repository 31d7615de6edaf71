import { wavFile } from '@chat/testkit/wav';
import { describe, expect, it } from 'vitest';
import type { MediaKind } from '../../src/contracts/index.js';
import { BufferedContent, inspectMedia, type MediaType } from '../../src/media/index.js';
import { type CONTAINERS, mp4Box, opusFile, videoFile } from './kit/media-files.js';

const inspect = (content: Buffer, type: MediaType, kind: MediaKind) => inspectMedia(new BufferedContent(content), type, kind);

describe('a voice message', () => {
  it.each<[keyof typeof CONTAINERS, MediaType]>([
    ['webm', 'audio/webm'],
    ['webm of a recorder', 'audio/webm'],
    ['ogg', 'audio/ogg'],
    ['mp4', 'audio/mp4'],
    ['mp4 in fragments', 'audio/mp4'],
  ])('of Opus in %s has its duration and its waveform', async (container, type) => {
    const facts = await inspect(await opusFile(container, 4, (at) => at), type, 'VOICE_MESSAGE');
    expect(facts.durationSeconds).toBeCloseTo(4, 1);
    expectRising(facts.waveform);
  });

  it('of WAV has its duration and its waveform', async () => {
    const facts = await inspect(
      wavFile(2, (at) => at),
      'audio/wav',
      'VOICE_MESSAGE',
    );
    expect(facts).toMatchObject({ durationSeconds: 2, width: null, height: null });
    expectRising(facts.waveform);
  });

  it('shorter than 64 packets has 64 values, too', async () => {
    const facts = await inspect(await opusFile('webm', 0.2, () => 1), 'audio/webm', 'VOICE_MESSAGE');
    expect(facts.waveform).toHaveLength(64);
    expect(facts.waveform!.filter((value) => value > 20).length).toBeGreaterThan(50);
  });

  it('with silence has zeros', async () => {
    expect(
      (
        await inspect(
          wavFile(1, () => 0),
          'audio/wav',
          'VOICE_MESSAGE',
        )
      ).waveform,
    ).toEqual(Array(64).fill(0));
  });

  it('is told from an audio file, which has no waveform', async () => {
    expect(
      await inspect(
        wavFile(1, () => 1),
        'audio/wav',
        'AUDIO',
      ),
    ).toEqual({
      durationSeconds: 1,
      width: null,
      height: null,
      waveform: null,
    });
  });
});

describe('a video', () => {
  it.each<['webm' | 'mp4' | 'mov', MediaType]>([
    ['webm', 'video/webm'],
    ['mp4', 'video/mp4'],
    ['mov', 'video/quicktime'],
  ])('in %s has its duration and its size in pixels', async (container, type) => {
    const facts = await inspect(await videoFile(container, 3, 320, 180), type, 'VIDEO');
    expect(facts).toEqual({ durationSeconds: 3, width: 320, height: 180, waveform: null });
  });

  it('of sound alone is refused, and so is sound of pictures alone', async () => {
    await expect(inspect(await opusFile('webm', 1, () => 1), 'video/webm', 'VIDEO')).rejects.toMatchObject({ code: 'file/broken' });
    await expect(inspect(await videoFile('webm', 1, 320, 180), 'audio/webm', 'AUDIO')).rejects.toMatchObject({ code: 'file/broken' });
  });
});

it('a video of 100 MB is read in a few parts', async () => {
  const size = 100 * 2 ** 20;
  const content = await videoFile('mp4', 3, 320, 180);
  const indexAt = content.indexOf('moov') - 4;
  const [before, index] = [content.subarray(0, indexAt), content.subarray(indexAt)];
  const filler = mp4Box('free', '', size - content.length);
  let reads = 0;
  const file = {
    sizeBytes: size,
    stream: () => Promise.reject(new Error('not read as a whole')),
    read: async (start: number, length: number) => {
      reads++;
      const part = Buffer.alloc(Math.min(length, size - start));
      if (start === 0) Buffer.concat([before, filler]).copy(part);
      const indexStart = size - index.length - start;
      if (indexStart < part.length) index.copy(part, Math.max(0, indexStart), Math.max(0, -indexStart));
      return part;
    },
  };
  expect(await inspectMedia(file, 'video/mp4', 'VIDEO')).toMatchObject({ width: 320, height: 180, durationSeconds: 3 });
  expect(reads).toBeLessThan(5);
});

/** The value follows the position in the recording. */
function expectRising(waveform: number[] | null): void {
  expect(waveform).toHaveLength(64);
  expect(waveform!.every((value) => Number.isInteger(value) && value >= 0 && value <= 100)).toBe(true);
  expect(Math.max(...waveform!)).toBe(100);
  for (const part of [8, 32, 56]) expect(Math.abs(waveform![part]! - (part / 64) * 100)).toBeLessThan(15);
}
