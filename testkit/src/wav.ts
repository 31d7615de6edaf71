/** How loud a recording is at a moment of it, from 0 to 1; `at`: from 0 to 1. */
export type Loudness = (at: number) => number;

/** A tone as WAV. */
export function wavFile(seconds: number, loudness: Loudness, rate = 8000): Buffer {
  const samples = tone(seconds, rate, loudness);
  const header = Buffer.alloc(44);
  header.write('RIFF', 0);
  header.writeUInt32LE(36 + samples.byteLength, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(rate, 24);
  header.writeUInt32LE(rate * 2, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36);
  header.writeUInt32LE(samples.byteLength, 40);
  return Buffer.concat([header, Buffer.from(samples.buffer)]);
}

/** A tone of 440 Hz as samples of 16 bits. */
export function tone(seconds: number, rate: number, loudness: Loudness): Int16Array {
  const samples = new Int16Array(Math.round(seconds * rate));
  return samples.map((_, i) => Math.round(30_000 * loudness(i / samples.length) * Math.sin((i * 440 * 2 * Math.PI) / rate)));
}
