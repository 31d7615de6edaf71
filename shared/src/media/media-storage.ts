import type { Readable } from 'node:stream';
import type { MediaKind } from '../contracts/index.js';

/** A file in a storage: its key (see `storageKey`) and its kind. */
export interface StoredFile {
  key: string;
  kind: MediaKind;
}

/** A file that is to be written: its exact size, and the type under which the storage keeps it. */
export interface NewFile {
  sizeBytes: number;
  mimeType: string;
}

/** A file that a client may send to the storage itself. */
export interface NewDirectUpload extends NewFile {
  expiresAt: Date;
  /** Where a storage that can tell of an upload does so; undefined: nowhere. */
  notificationUrl?: string | undefined;
}

/** How a client sends a file to a storage that clients reach: a multipart POST of `fields`, then of the field `file`. */
export interface DirectUpload {
  url: string;
  method: 'POST';
  fields: Record<string, string>;
}

/** Bytes `start` to `end` of a file, both included, counted from 0. */
export interface ByteRange {
  start: number;
  end: number;
}

/**
 * Where files are kept. Every call ends within a deadline. A storage that does not answer gives `file-storage/unavailable`, one without
 * space `file-storage/full` (both `unavailable`: the call may succeed later). Calls that may be repeated without harm are retried.
 */
export interface MediaStorage {
  readonly name: 'disk' | 's3' | 'cloudinary';

  /** At start, and from time to time: rejects if files cannot be stored; removes what a crash of a process left unfinished. */
  prepare(): Promise<void>;

  /** Lets a client send this one file itself, until the time `expiresAt`. Null: clients do not reach this storage. */
  createDirectUpload(file: StoredFile, upload: NewDirectUpload): Promise<DirectUpload | null>;

  /**
   * Stores the file, and replaces one with the same key. Reads the stream as fast as the storage takes it. A stream that fails, or has not
   * exactly `sizeBytes`, rejects, and leaves no file behind. Abort the signal to give up.
   */
  write(file: StoredFile, body: Readable, content: NewFile, signal?: AbortSignal): Promise<void>;

  /** The size in bytes; null if there is no such file. */
  sizeOf(file: StoredFile): Promise<number | null>;

  /** The bytes of the file, or of a range of it. Rejects with `file/not-found` if there is no such file. The receiver ends the stream. */
  read(file: StoredFile, range?: ByteRange): Promise<Readable>;

  /** Gives the file another key, to which no upload of a client leads. Rejects with `file/not-found` if there is no such file. */
  move(file: StoredFile, key: string): Promise<void>;

  /** Deletes the file. A file that does not exist is no error. */
  delete(file: StoredFile): Promise<void>;

  /** Ends the connections. */
  close(): Promise<void>;
}
