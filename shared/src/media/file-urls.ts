import { createHmac, hkdfSync, type KeyObject, timingSafeEqual } from 'node:crypto';
import { AppError } from '../errors/index.js';

/** For this time, a URL with which a file is read is valid. */
export const FILE_URL_SECONDS = 600;
/** In this time, a file has one URL, so that clients find it in their cache. */
const SAME_URL_SECONDS = 60;

/** The parameters of a signed URL. */
export interface SignedQuery {
  /** Unix time in seconds. */
  expires: string;
  signature: string;
}

/** What a URL allows: to send the bytes of an upload, or to read a file and its thumbnails. */
type Use = 'upload' | 'read';

/**
 * Signs the URLs with which clients send and read files through the gateway: a client that has the URL may use it until it expires, as a browser
 * sends no token for an image. The key is derived from the private key of the service, so all its instances have the same one.
 */
export class FileUrls {
  readonly #key: Buffer;

  /** `baseUrl`: of the files of this service at the gateway, such as `https://chat.example/files/profiles`. */
  constructor(
    private readonly baseUrl: string,
    signingKey: KeyObject,
  ) {
    const secret = signingKey.export({ format: 'der', type: 'pkcs8' });
    this.#key = Buffer.from(hkdfSync('sha256', secret, '', 'signed URLs of files', 32));
  }

  /** Where a client sends the bytes of an upload. */
  uploadUrl(uploadId: string, expiresAt: Date): string {
    return this.#url(`/uploads/${uploadId}`, 'upload', uploadId, Math.floor(expiresAt.getTime() / 1000));
  }

  /** Where a client reads a file, or with another `variant` a thumbnail; the signature is valid for all of them. */
  readUrl(fileId: string, variant: string, now = Date.now()): string {
    const expires = Math.floor(now / 1000 / SAME_URL_SECONDS) * SAME_URL_SECONDS + FILE_URL_SECONDS;
    return this.#url(`/${fileId}/${variant}`, 'read', fileId, expires);
  }

  /** The address of a file without a signature, for files that are read with a token. */
  plainUrl(fileId: string, variant: string): string {
    return `${this.baseUrl}/${fileId}/${variant}`;
  }

  /** Where Cloudinary tells of uploads, if it reaches the gateway at this address. */
  notificationUrl(gateway: string): string {
    return `${gateway}${new URL(this.baseUrl).pathname}/notifications/cloudinary`;
  }

  /** The seconds for which the URL is still valid. Throws FORBIDDEN if it has expired, and NOT_FOUND if the signature is wrong. */
  verify(use: Use, id: string, { expires, signature }: SignedQuery, now = Date.now()): number {
    const given = Buffer.from(signature, 'base64url');
    const expected = this.#sign(use, id, expires);
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw notFound();
    const seconds = Number(expires) - Math.floor(now / 1000);
    if (seconds <= 0) throw new AppError('forbidden', 'file/url-expired', 'This address has expired. Ask for a new one.');
    return seconds;
  }

  #url(path: string, use: Use, id: string, expires: number): string {
    return `${this.baseUrl}${path}?expires=${expires}&signature=${this.#sign(use, id, String(expires)).toString('base64url')}`;
  }

  #sign(use: Use, id: string, expires: string): Buffer {
    return createHmac('sha256', this.#key).update(`${use}\n${id}\n${expires}`).digest();
  }
}

const notFound = () => new AppError('not-found', 'file/not-found', 'There is no such file.');
