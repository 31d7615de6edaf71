import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { MediaStorage, StoredFile } from './media-storage.js';

/** A file whose content is checked in parts, so that a large file needs no more memory than a small one. */
export interface ContentSource {
  readonly sizeBytes: number;
  /** The bytes from `start` on; fewer than `length` at the end of the file. */
  read(start: number, length: number): Promise<Buffer>;
  /** All bytes. */
  stream(): Promise<Readable>;
}

/** A file in a storage. */
export class StoredContent implements ContentSource {
  constructor(
    private readonly storage: MediaStorage,
    private readonly file: StoredFile,
    readonly sizeBytes: number,
  ) {}

  async read(start: number, length: number): Promise<Buffer> {
    const end = Math.min(start + length, this.sizeBytes) - 1;
    if (end < start) return Buffer.alloc(0);
    return buffer(await this.storage.read(this.file, { start, end }));
  }

  stream(): Promise<Readable> {
    return this.storage.read(this.file, { start: 0, end: this.sizeBytes - 1 });
  }
}

/** Bytes in memory. */
export class BufferedContent implements ContentSource {
  constructor(private readonly bytes: Buffer) {}

  get sizeBytes(): number {
    return this.bytes.length;
  }

  async read(start: number, length: number): Promise<Buffer> {
    return this.bytes.subarray(start, start + length);
  }

  async stream(): Promise<Readable> {
    return Readable.from([this.bytes]);
  }
}
