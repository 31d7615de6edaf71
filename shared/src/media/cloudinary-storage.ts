import { v2 as cloudinary } from 'cloudinary';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { withTimeout } from '../async/index.js';
import type { CloudinaryConfig } from './cloudinary.config.js';
import { cloudinaryFault, isMissing } from './cloudinary-errors.js';
import { type CloudinaryAccount, DELIVERY_TYPE, RESOURCE_TYPES, signedDeliveryUrl, signedUpload } from './cloudinary-signatures.js';
import { ExactLength } from './exact-length.js';
import type { ByteRange, DirectUpload, MediaStorage, NewDirectUpload, NewFile, StoredFile } from './media-storage.js';
import { withRetries } from './retry.js';
import { SignedUrlReader } from './signed-url-reader.js';
import { fileNotFound } from './storage.errors.js';
import { checkedKey } from './storage-key.js';

const CALL_TIMEOUT_MS = 10_000;
/** The longest pause of a connection during an upload. */
const PAUSE_TIMEOUT_MS = 30_000;
const CONNECTIONS = 32;

/** Files at Cloudinary. The service sends and reads files over connections of its own; clients may send files with a signature. */
export class CloudinaryStorage implements MediaStorage {
  readonly name = 'cloudinary';
  readonly #account: CloudinaryAccount;
  readonly #agent: HttpAgent;
  readonly #reader = new SignedUrlReader();

  constructor(private readonly config: CloudinaryConfig) {
    const { cloudName, apiKey, apiSecret, uploadPrefix } = config;
    this.#account = { cloud_name: cloudName!, api_key: apiKey!, api_secret: apiSecret!, upload_prefix: uploadPrefix.replace(/\/+$/, '') };
    this.#agent = this.#newAgent();
  }

  /** Cloudinary has no call that costs nothing; the first upload shows whether the credentials are right. */
  async prepare(): Promise<void> {}

  async createDirectUpload(file: StoredFile, { expiresAt, notificationUrl }: NewDirectUpload): Promise<DirectUpload> {
    return signedUpload(this.#account, file, expiresAt, notificationUrl);
  }

  async write(file: StoredFile, body: Readable, { sizeBytes }: NewFile, signal?: AbortSignal): Promise<void> {
    const publicId = checkedKey(file.key);
    const stored = Promise.withResolvers<void>();
    stored.promise.catch(() => undefined);
    // The SDK has no way to end an upload; without its connection, Cloudinary stores nothing.
    const agent = this.#newAgent();
    const options = { ...this.#options(file), agent, public_id: publicId, overwrite: true, invalidate: true };
    const upload = cloudinary.uploader.upload_stream({ ...options, timeout: PAUSE_TIMEOUT_MS, disable_promises: true }, (error) =>
      error ? stored.reject(error) : stored.resolve(),
    );
    try {
      await Promise.race([pipeline(body, new ExactLength(sizeBytes), upload, signal ? { signal } : {}), failureOf(stored.promise)]);
      await withTimeout(stored.promise, PAUSE_TIMEOUT_MS);
    } catch (error) {
      body.destroy();
      throw cloudinaryFault(error);
    } finally {
      agent.destroy();
    }
  }

  async sizeOf(file: StoredFile): Promise<number | null> {
    const publicId = checkedKey(file.key);
    try {
      // Unlike those of the Admin API, calls of the Upload API have no limit per hour.
      const found = await this.#call((options) => cloudinary.uploader.explicit(publicId, { ...options, ...this.#options(file) }));
      return (found as { bytes: number }).bytes;
    } catch (error) {
      if (isMissing(error)) return null;
      throw cloudinaryFault(error);
    }
  }

  async read(file: StoredFile, range?: ByteRange): Promise<Readable> {
    const url = signedDeliveryUrl(this.#account, file, this.config.deliveryUrl);
    return this.#reader.read(() => url, range);
  }

  async move(file: StoredFile, key: string): Promise<void> {
    const [from, to] = [checkedKey(file.key), checkedKey(key)];
    try {
      await this.#call((options) =>
        cloudinary.uploader.rename(from, to, {
          ...options,
          ...this.#options(file),
          overwrite: true,
          invalidate: true,
        }),
      );
    } catch (error) {
      throw isMissing(error) ? fileNotFound() : cloudinaryFault(error);
    }
  }

  /** Removes it from the caches of Cloudinary, too. */
  async delete(file: StoredFile): Promise<void> {
    const publicId = checkedKey(file.key);
    try {
      await this.#call((options) => cloudinary.uploader.destroy(publicId, { ...options, ...this.#options(file), invalidate: true }));
    } catch (error) {
      if (!isMissing(error)) throw cloudinaryFault(error);
    }
  }

  async close(): Promise<void> {
    this.#agent.destroy();
    await this.#reader.close();
  }

  #newAgent(): HttpAgent {
    const Agent = this.#account.upload_prefix.startsWith('http:') ? HttpAgent : HttpsAgent;
    return new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  }

  #options({ kind }: StoredFile) {
    return { ...this.#account, agent: this.#agent, resource_type: RESOURCE_TYPES[kind], type: DELIVERY_TYPE };
  }

  #call<T>(call: (options: { timeout: number }) => Promise<T>): Promise<T> {
    return withRetries(CALL_TIMEOUT_MS, async () => {
      try {
        return await withTimeout(call({ timeout: CALL_TIMEOUT_MS }), CALL_TIMEOUT_MS);
      } catch (error) {
        if (isMissing(error)) throw error;
        throw cloudinaryFault(error);
      }
    });
  }
}

/** Rejects as the work does; never resolves. */
function failureOf(work: Promise<unknown>): Promise<never> {
  return new Promise((_, reject) => void work.catch(reject));
}
