import type { FeedPosition } from '@chat/shared/contracts';
import { AppError } from '@chat/shared/errors';
import { crc32 } from 'node:zlib';

/**
 * The cursor that clients keep: base64url of a format byte, the epoch, the number of partitions, each offset plus one (all varints), and the
 * CRC-32 of the bytes before it. Each position has exactly one cursor. The check value detects altered cursors; it is not secret, because a
 * position grants no access: the replay returns only what the current user may see.
 */
const FORMAT = 1;
const MAX_CURSOR_CHARACTERS = 4096;
const CHECK_BYTES = 4;

/** The cursor of a position. */
export function encodeCursor({ epoch, offsets }: FeedPosition): string {
  // A varint of a safe integer takes 8 bytes at most.
  const bytes = Buffer.allocUnsafe(1 + 8 * (2 + offsets.length) + CHECK_BYTES);
  let end = bytes.writeUInt8(FORMAT, 0);
  end = writeVarint(bytes, end, epoch);
  end = writeVarint(bytes, end, offsets.length);
  for (const offset of offsets) end = writeVarint(bytes, end, offset + 1);
  const checked = bytes.subarray(0, end);
  end = bytes.writeUInt32BE(crc32(checked), end);
  return bytes.toString('base64url', 0, end);
}

/** The position of a cursor; anything that `encodeCursor` did not write is BAD_USER_INPUT. */
export function decodeCursor(cursor: string): FeedPosition {
  if (cursor.length > MAX_CURSOR_CHARACTERS || !/^[A-Za-z0-9_-]+$/.test(cursor)) throw notACursor();
  const bytes = Buffer.from(cursor, 'base64url');
  const checkAt = bytes.length - CHECK_BYTES;
  if (checkAt < 3 || bytes[0] !== FORMAT || bytes.readUInt32BE(checkAt) !== crc32(bytes.subarray(0, checkAt))) throw notACursor();
  const numbers: number[] = [];
  for (let at = 1; at < checkAt;) {
    const read = readVarint(bytes, at, checkAt);
    numbers.push(read.value);
    at = read.end;
  }
  const [epoch, partitions, ...offsets] = numbers;
  if (epoch === undefined || partitions !== offsets.length) throw notACursor();
  const position = { epoch, offsets: offsets.map((offset) => offset - 1) };
  // Padding bits or a longer encoding of a number would give a position a second cursor.
  if (encodeCursor(position) !== cursor) throw notACursor();
  return position;
}

function writeVarint(bytes: Buffer, at: number, value: number): number {
  let rest = value;
  while (rest >= 0x80) {
    bytes[at++] = (rest % 0x80) | 0x80;
    rest = Math.floor(rest / 0x80);
  }
  bytes[at++] = rest;
  return at;
}

function readVarint(bytes: Buffer, at: number, end: number): { value: number; end: number } {
  let value = 0;
  for (let i = at, scale = 1; i < end && i < at + 8; i++, scale *= 0x80) {
    const byte = bytes[i] as number;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) {
      if (!Number.isSafeInteger(value)) break;
      return { value, end: i + 1 };
    }
  }
  throw notACursor();
}

function notACursor(): AppError {
  return new AppError('invalid', 'events/bad-cursor', 'after is not a cursor of this stream');
}
