import { promisify } from 'node:util';
import { inflateRaw } from 'node:zlib';
import type { ContentSource } from './content-source.js';
import { brokenFile } from './content.errors.js';

/** A file in an archive, as the directory at the end of the archive describes it. */
export interface ZipEntry {
  /** Decoded as UTF-8, whatever its encoding is. */
  name: string;
  nameBytes: number;
  /** 0: stored, 8: deflated. */
  method: number;
  compressedBytes: number;
  /** As the archive states it. */
  unpackedBytes: number;
  /** Of its local header. */
  offset: number;
}

const END_BYTES = 22;
const ENTRY_BYTES = 46;
const LOCAL_HEADER_BYTES = 30;
const MAX_COMMENT_BYTES = 0xffff;
const MAX_DIRECTORY_BYTES = 4 * 2 ** 20;
const MAX_ENTRIES = 20_000;
/** The most that is unpacked of an archive: one small file that says what the archive is. */
const MAX_UNPACKED_BYTES = 2 ** 20;

const END_SIGNATURE = Buffer.from('PK\x05\x06', 'latin1');
const ENTRY_SIGNATURE = Buffer.from('PK\x01\x02', 'latin1');
const LOCAL_SIGNATURE = Buffer.from('PK\x03\x04', 'latin1');

const inflate = promisify<Buffer, { maxOutputLength: number }, Buffer>(inflateRaw);

/**
 * The directory of an archive (PKWARE APPNOTE 4.3). Only archives of which all programs see the same files: nothing before, between or behind
 * them, no file that shares bytes with another, as in archives that unpack to a multiple of themselves, and no ZIP64, which no accepted size
 * needs. Rejects with `file/broken`.
 */
export async function readZipDirectory(file: ContentSource): Promise<ZipEntry[]> {
  const first = await file.read(0, LOCAL_SIGNATURE.length);
  const tail = await tailOf(file);
  const end = file.sizeBytes - tail.length + exactEnd(tail);
  if (end < file.sizeBytes - tail.length || !first.equals(LOCAL_SIGNATURE))
    throw brokenFile('The file is not an archive, or an empty one.');
  const { count, directoryBytes, directoryOffset } = endRecord(tail, tail.length - (file.sizeBytes - end));
  if (directoryOffset + directoryBytes !== end || count > MAX_ENTRIES || directoryBytes > MAX_DIRECTORY_BYTES) throw badDirectory();
  const entries = parseEntries(await file.read(directoryOffset, directoryBytes), count);
  checkPlaces(entries, directoryOffset);
  return entries;
}

/** Whether a file of another type is an archive as well for programs that read it from its end. */
export async function hasZipDirectory(file: ContentSource): Promise<boolean> {
  const tail = await tailOf(file);
  for (let at = tail.lastIndexOf(END_SIGNATURE); at >= 0; at = at === 0 ? -1 : tail.lastIndexOf(END_SIGNATURE, at - 1)) {
    if (at + END_BYTES > tail.length) continue;
    const { count, directoryBytes } = endRecord(tail, at);
    // Of random bytes with the signature, one in millions has these relations.
    if (directoryBytes >= count * ENTRY_BYTES && directoryBytes <= file.sizeBytes - tail.length + at) return true;
  }
  return false;
}

/** The content of a small entry. Rejects with `file/broken` if it is larger than 1 MB, whatever the archive states. */
export async function readZipEntry(file: ContentSource, { method, compressedBytes, offset }: ZipEntry): Promise<Buffer> {
  if (compressedBytes > MAX_UNPACKED_BYTES) throw badDirectory();
  const header = await file.read(offset, LOCAL_HEADER_BYTES);
  if (header.length < LOCAL_HEADER_BYTES || !header.subarray(0, 4).equals(LOCAL_SIGNATURE)) throw badDirectory();
  const start = offset + LOCAL_HEADER_BYTES + header.readUInt16LE(26) + header.readUInt16LE(28);
  const content = await file.read(start, compressedBytes);
  if (method === 0) return content;
  if (method !== 8) throw badDirectory();
  try {
    return await inflate(content, { maxOutputLength: MAX_UNPACKED_BYTES });
  } catch (cause) {
    throw badDirectory(cause);
  }
}

function tailOf(file: ContentSource): Promise<Buffer> {
  const length = Math.min(file.sizeBytes, END_BYTES + MAX_COMMENT_BYTES);
  return file.read(file.sizeBytes - length, length);
}

/** Where the end record is whose comment ends with the file; -1 if there is none. */
function exactEnd(tail: Buffer): number {
  let at = tail.lastIndexOf(END_SIGNATURE, tail.length - END_BYTES);
  while (at >= 0 && at + END_BYTES + tail.readUInt16LE(at + 20) !== tail.length)
    at = at === 0 ? -1 : tail.lastIndexOf(END_SIGNATURE, at - 1);
  return at;
}

function endRecord(tail: Buffer, at: number) {
  const [count, directoryBytes, directoryOffset] = [tail.readUInt16LE(at + 10), tail.readUInt32LE(at + 12), tail.readUInt32LE(at + 16)];
  return { count, directoryBytes, directoryOffset };
}

function parseEntries(directory: Buffer, count: number): ZipEntry[] {
  const entries: ZipEntry[] = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (at + ENTRY_BYTES > directory.length || !directory.subarray(at, at + 4).equals(ENTRY_SIGNATURE)) throw badDirectory();
    const nameBytes = directory.readUInt16LE(at + 28);
    const nameEnd = at + ENTRY_BYTES + nameBytes;
    entries.push({
      name: directory.toString('utf8', at + ENTRY_BYTES, nameEnd),
      nameBytes,
      method: directory.readUInt16LE(at + 10),
      compressedBytes: directory.readUInt32LE(at + 20),
      unpackedBytes: directory.readUInt32LE(at + 24),
      offset: directory.readUInt32LE(at + 42),
    });
    at = nameEnd + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
  }
  if (at !== directory.length) throw badDirectory();
  return entries;
}

function checkPlaces(entries: ZipEntry[], directoryOffset: number): void {
  let free = 0;
  for (const { offset, nameBytes, compressedBytes } of entries.toSorted((a, b) => a.offset - b.offset)) {
    if (offset < free) throw badDirectory();
    free = offset + LOCAL_HEADER_BYTES + nameBytes + compressedBytes;
  }
  if (free > directoryOffset) throw badDirectory();
}

const badDirectory = (cause?: unknown) => brokenFile('The archive is damaged, or made in an unusual way.', cause);
