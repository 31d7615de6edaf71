import { type Loudness, tone } from '@chat/testkit/wav';
import {
  BufferTarget,
  EncodedAudioPacketSource,
  EncodedPacket,
  EncodedVideoPacketSource,
  Mp4OutputFormat,
  MovOutputFormat,
  OggOutputFormat,
  Output,
  type OutputFormat,
  WebMOutputFormat,
} from 'mediabunny';
import OpusScript from 'opusscript';

const RATE = 48_000;
const PACKET_SAMPLES = 960;

/** The containers that recordings of browsers have: WebM without duration and index (Chrome), Ogg (Firefox), MP4 in fragments, and complete ones. */
export const CONTAINERS = {
  webm: () => new WebMOutputFormat(),
  'webm of a recorder': () => new WebMOutputFormat({ appendOnly: true }),
  ogg: () => new OggOutputFormat(),
  mp4: () => new Mp4OutputFormat(),
  'mp4 in fragments': () => new Mp4OutputFormat({ fastStart: 'fragmented' }),
  mov: () => new MovOutputFormat(),
} as const satisfies Record<string, () => OutputFormat>;

/** A tone as Opus in a container. */
export async function opusFile(container: keyof typeof CONTAINERS, seconds: number, loudness: Loudness): Promise<Buffer> {
  const encoder = new OpusScript(RATE, 1, OpusScript.Application.AUDIO);
  const samples = tone(seconds, RATE, loudness);
  const target = new BufferTarget();
  const output = new Output({ format: CONTAINERS[container](), target });
  const source = new EncodedAudioPacketSource('opus');
  output.addAudioTrack(source);
  await output.start();
  const head = new Uint8Array([...Buffer.from('OpusHead'), 1, 1, 0x38, 1, 0x80, 0xbb, 0, 0, 0, 0, 0]);
  const decoderConfig = { codec: 'opus', numberOfChannels: 1, sampleRate: RATE, description: head };
  const length = PACKET_SAMPLES / RATE;
  for (let i = 0; (i + 1) * PACKET_SAMPLES <= samples.length; i++) {
    const pcm = Buffer.from(samples.buffer, i * PACKET_SAMPLES * 2, PACKET_SAMPLES * 2);
    const data = new Uint8Array(encoder.encode(pcm, PACKET_SAMPLES));
    await source.add(new EncodedPacket(data, 'key', i * length, length), i === 0 ? { decoderConfig } : undefined);
  }
  await output.finalize();
  encoder.delete();
  return Buffer.from(target.buffer!);
}

/** A video of one picture each half second, without sound. What is in the pictures is not read. */
export async function videoFile(container: 'webm' | 'mp4' | 'mov', seconds: number, width: number, height: number): Promise<Buffer> {
  const target = new BufferTarget();
  const output = new Output({ format: CONTAINERS[container](), target });
  const source = new EncodedVideoPacketSource('vp9');
  output.addVideoTrack(source);
  await output.start();
  for (let at = 0; at < seconds; at += 0.5) {
    const decoderConfig = { codec: 'vp09.00.10.08', codedWidth: width, codedHeight: height };
    await source.add(new EncodedPacket(new Uint8Array(200), 'key', at, 0.5), at === 0 ? { decoderConfig } : undefined);
  }
  await output.finalize();
  return Buffer.from(target.buffer!);
}

/** A box of MP4: its type and content; `size`: what it states instead of its size. */
export function mp4Box(type: string, content: Buffer | string = '', size?: number): Buffer {
  const body = Buffer.from(content);
  const header = Buffer.alloc(8);
  header.writeUInt32BE(size ?? 8 + body.length);
  header.write(type, 4);
  return Buffer.concat([header, body]);
}
