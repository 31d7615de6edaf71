import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  NoSuchKey,
  NotFound,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createS3Client } from './s3-client.js';
import { ExactLength } from './exact-length.js';
import type { ByteRange, DirectUpload, MediaStorage, NewFile, StoredFile } from './media-storage.js';
import type { S3Config } from './s3.config.js';
import { SignedUrlReader } from './signed-url-reader.js';
import { fileNotFound, storageFault } from './storage.errors.js';
import { checkedKey } from './storage-key.js';

/** Of a call without a body, with all its attempts. */
const CALL_TIMEOUT_MS = 15_000;
const READ_URL_SECONDS = 60;

/** Files in a bucket of Amazon S3, or of a server with the same protocol. The SDK repeats calls that fail for an outside reason. */
export class S3Storage implements MediaStorage {
  readonly name = 's3';
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #reader = new SignedUrlReader();

  constructor(config: S3Config) {
    this.#bucket = config.bucket!;
    this.#client = createS3Client(config);
  }

  async prepare(): Promise<void> {
    await this.#call((options) => this.#client.send(new HeadBucketCommand({ Bucket: this.#bucket }), options));
  }

  /** The signature covers key, type and exact size: the server refuses any other file. */
  async createDirectUpload(file: StoredFile, { sizeBytes, mimeType, expiresAt }: NewFile & { expiresAt: Date }): Promise<DirectUpload> {
    const { url, fields } = await createPresignedPost(this.#client, {
      Bucket: this.#bucket,
      Key: checkedKey(file.key),
      Fields: { 'Content-Type': mimeType },
      Conditions: [
        ['content-length-range', sizeBytes, sizeBytes],
        ['eq', '$Content-Type', mimeType],
      ],
      Expires: Math.max(1, Math.floor((expiresAt.getTime() - Date.now()) / 1000)),
    }).catch((error: unknown) => {
      throw storageFault(error);
    });
    return { url, method: 'POST', fields };
  }

  async write(file: StoredFile, body: Readable, { sizeBytes, mimeType }: NewFile, signal?: AbortSignal): Promise<void> {
    const key = checkedKey(file.key);
    const checked = new ExactLength(sizeBytes);
    const canceled = new AbortController();
    const reading = pipeline(body, checked, signal ? { signal } : {});
    // A connection that has sent too few bytes is closed, so that the server stores nothing.
    reading.catch((error: unknown) => canceled.abort(error));
    const put = new PutObjectCommand({
      Bucket: this.#bucket,
      Key: key,
      Body: checked,
      ContentLength: sizeBytes,
      ContentType: mimeType,
    });
    try {
      await this.#client.send(put, { abortSignal: canceled.signal });
    } catch (error) {
      checked.destroy();
      throw storageFault(canceled.signal.aborted ? canceled.signal.reason : error);
    } finally {
      await reading.catch(() => undefined);
    }
  }

  async sizeOf(file: StoredFile): Promise<number | null> {
    try {
      const head = new HeadObjectCommand({ Bucket: this.#bucket, Key: checkedKey(file.key) });
      return (await this.#call((options) => this.#client.send(head, options))).ContentLength ?? 0;
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  }

  async read(file: StoredFile, range?: ByteRange): Promise<Readable> {
    const get = new GetObjectCommand({ Bucket: this.#bucket, Key: checkedKey(file.key) });
    return this.#reader.read(() => getSignedUrl(this.#client, get, { expiresIn: READ_URL_SECONDS }), range);
  }

  async move(file: StoredFile, key: string): Promise<void> {
    const copy = new CopyObjectCommand({
      Bucket: this.#bucket,
      Key: checkedKey(key),
      CopySource: `${this.#bucket}/${checkedKey(file.key)}`,
    });
    try {
      await this.#call((options) => this.#client.send(copy, options));
    } catch (error) {
      throw isMissing(error) ? fileNotFound() : error;
    }
    await this.delete(file);
  }

  async delete(file: StoredFile): Promise<void> {
    const remove = new DeleteObjectCommand({ Bucket: this.#bucket, Key: checkedKey(file.key) });
    await this.#call((options) => this.#client.send(remove, options));
  }

  async close(): Promise<void> {
    this.#client.destroy();
    await this.#reader.close();
  }

  async #call<T>(call: (options: { abortSignal: AbortSignal }) => Promise<T>): Promise<T> {
    try {
      return await call({ abortSignal: AbortSignal.timeout(CALL_TIMEOUT_MS) });
    } catch (error) {
      if (isMissing(error)) throw error;
      throw storageFault(error);
    }
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof NotFound || error instanceof NoSuchKey;
}
