import { crc32 } from 'node:zlib';
import { badSearchCursor } from './search.errors.js';

/**
 * A position in the order of search results: newest first by the time of sending, then by seq, then by id. Messages never move in it, and new
 * ones come before all others, so pages neither repeat nor miss a message while users write.
 */
export interface SearchPosition {
  /** Milliseconds since 1970. */
  createdAt: number;
  seq: number;
  messageId: string;
}

/** A format byte, the time, the seq and the id, and the CRC-32 of the bytes before it. The check value detects altered cursors; a position grants no access. */
const FORMAT = 1;
const BYTES = 1 + 6 + 4 + 16;
/** Of 31 bytes in base64url. */
export const CURSOR_CHARACTERS = 42;

/** Negative if `a` comes before `b`. */
export function comparePositions(a: SearchPosition, b: SearchPosition): number {
  if (a.createdAt !== b.createdAt) return b.createdAt - a.createdAt;
  if (a.seq !== b.seq) return b.seq - a.seq;
  return a.messageId === b.messageId ? 0 : a.messageId < b.messageId ? 1 : -1;
}

/** The cursor of the messages after a position. */
export function encodeSearchCursor({ createdAt, seq, messageId }: SearchPosition): string {
  const bytes = Buffer.alloc(BYTES + 4);
  bytes.writeUInt8(FORMAT, 0);
  bytes.writeUIntBE(createdAt, 1, 6);
  bytes.writeUInt32BE(seq, 7);
  bytes.write(messageId.replaceAll('-', ''), 11, 'hex');
  bytes.writeUInt32BE(crc32(bytes.subarray(0, BYTES)), BYTES);
  return bytes.toString('base64url');
}

/** The position of a cursor; anything that `encodeSearchCursor` did not write is BAD_USER_INPUT. */
export function decodeSearchCursor(cursor: string): SearchPosition {
  const bytes = Buffer.from(cursor.length === CURSOR_CHARACTERS ? cursor : '', 'base64url');
  if (bytes.length !== BYTES + 4 || bytes[0] !== FORMAT || bytes.readUInt32BE(BYTES) !== crc32(bytes.subarray(0, BYTES)))
    throw badSearchCursor();
  const id = bytes.toString('hex', 11, BYTES);
  const position = {
    createdAt: bytes.readUIntBE(1, 6),
    seq: bytes.readUInt32BE(7),
    messageId: id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'),
  };
  if (position.seq > 2_147_483_647 || encodeSearchCursor(position) !== cursor) throw badSearchCursor();
  return position;
}
