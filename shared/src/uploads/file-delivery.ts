import { Inject, Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Readable } from 'node:stream';
import { DataSource } from 'typeorm';
import { type ByteRange, contentDisposition, fileNotFound, type SignedQuery, type StoredFile, THUMBNAIL_TYPE } from '../media/index.js';
import { rangeOf } from './byte-ranges.js';
import { THUMBNAILS, type Upload, variantFile, type Variant } from './upload.js';
import { UploadSettings } from './upload-settings.js';
import { findUpload } from './upload-store.js';

/** The conditions under which a client reads a file. */
export interface FileRequest {
  range?: string | undefined;
  ifNoneMatch?: string | undefined;
  /** A HEAD request: no body. */
  headOnly: boolean;
}

/** The answer to a FileRequest. */
export interface FileAnswer {
  status: 200 | 206 | 304 | 416;
  headers: Record<string, string>;
  body: Readable | null;
}

const CACHED_SIZES = 20_000;

/** No script runs in a file that a browser opens as a page, and the page has no origin. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; media-src 'self'; sandbox; frame-ancestors 'none'";

/** Gives out files to clients that may read them. */
@Injectable()
export class FileDelivery {
  readonly #sizes = new LRUCache<string, number>({ max: CACHED_SIZES });

  constructor(
    @Inject(UploadSettings) private readonly settings: UploadSettings,
    @Inject(DataSource) private readonly dataSource: DataSource,
  ) {}

  /** For a client with a signed URL. A file that was deleted is NOT_FOUND at once, also for URLs that have not expired. */
  async readSigned(fileId: string, variant: string, query: SignedQuery, request: FileRequest): Promise<FileAnswer> {
    const validSeconds = this.settings.urls.verify('read', fileId, query);
    return this.deliver(await findUpload(this.dataSource, fileId), variant, request, validSeconds);
  }

  /** For a client that may read the file, and keep it in its cache for these seconds. NOT_FOUND without an upload, or before it is completed. */
  async deliver(upload: Upload | null, variant: string, request: FileRequest, cacheSeconds: number): Promise<FileAnswer> {
    if (!isVariant(variant) || !upload || upload.state === 'open') throw fileNotFound();
    const { folder, storage } = this.settings;
    const file = variantFile(folder, upload, variant);
    const isOriginal = variant === 'original';
    const etag = `"${upload.id}-${variant}"`;
    const headers: Record<string, string> = {
      etag,
      'accept-ranges': 'bytes',
      'cache-control': cacheSeconds === 0 ? 'private, no-cache' : `private, max-age=${cacheSeconds}, immutable`,
      'content-security-policy': POLICY,
      'x-content-type-options': 'nosniff',
      // Web clients of other origins show the file in an image, or read it with a script.
      'cross-origin-resource-policy': 'cross-origin',
    };
    if (request.ifNoneMatch === etag) return { status: 304, headers, body: null };
    const size = isOriginal ? upload.sizeBytes : await this.#sizeOf(file);
    const range = rangeOf(request.range, size);
    if (range === 'unsatisfiable') return { status: 416, headers: { ...headers, 'content-range': `bytes */${size}` }, body: null };
    headers['content-type'] = isOriginal ? contentType(upload.mimeType) : THUMBNAIL_TYPE;
    headers['content-disposition'] = contentDisposition(upload.kind === 'DOCUMENT' ? 'attachment' : 'inline', upload.fileName);
    headers['content-length'] = String(range ? range.end - range.start + 1 : size);
    if (range) headers['content-range'] = `bytes ${range.start}-${range.end}/${size}`;
    // Without a body, the length would be 0.
    const body = request.headOnly ? Readable.from([]) : await storage.read(file, range ?? wholeOf(size));
    return { status: range ? 206 : 200, headers, body };
  }

  /** Of a thumbnail, which never changes: the storage is asked once, as that is a call of the provider. */
  async #sizeOf(file: StoredFile): Promise<number> {
    const known = this.#sizes.get(file.key);
    if (known !== undefined) return known;
    const size = await this.settings.storage.sizeOf(file);
    if (size === null) throw fileNotFound();
    this.#sizes.set(file.key, size);
    return size;
  }
}

/** Texts were checked to be UTF-8. No type is one that a browser shows as a page with scripts. */
const contentType = (mimeType: string): string => (mimeType.startsWith('text/') ? `${mimeType}; charset=utf-8` : mimeType);

/** No longer than the header says, even if the file is. */
const wholeOf = (size: number): ByteRange => ({ start: 0, end: size - 1 });

function isVariant(text: string): text is Variant {
  return text === 'original' || (THUMBNAILS as string[]).includes(text);
}
