import { AppError } from '@chat/shared/errors';
import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { GatewayConfig } from '../config.js';
import type { MissingUrl } from './file-url-placeholders.js';

/** For this time, a URL is valid. */
const URL_SECONDS = 600;
/** In this time, a file has one URL for a user, so that clients find it in their cache. */
const SAME_URL_SECONDS = 60;
/** Together about 6 MB. */
const CACHED_SIGNATURES = 20_000;

/**
 * Signs the URLs of files of conversations, each for one user: a browser sends no token for an image. The signature says only for which user chat-service is asked;
 * whether the user may read the file is checked there, at every request. Live events need no call of chat-service for their URLs. The key is
 * derived from the private key of the gateway, so all its instances have the same one.
 */
@Injectable()
export class ConversationFileUrls {
  private readonly baseUrl: string;
  private readonly key: Buffer;
  /** The variants of a file have one signature, and the events of a message the same files. */
  private readonly signatures = new LRUCache<string, string>({ max: CACHED_SIGNATURES });

  constructor({ files, internalIssuer }: GatewayConfig) {
    this.baseUrl = `${files.publicUrl}/files/chat`;
    const secret = internalIssuer.signingKey.export({ format: 'der', type: 'pkcs8' });
    this.key = Buffer.from(hkdfSync('sha256', secret, '', 'URLs of files of conversations', 32));
  }

  /** Where this user reads a file, or with another `variant` a thumbnail; the signature is valid for all of them. */
  urlFor(userId: string, { fileId, variant }: MissingUrl, now = Date.now()): string {
    const expires = String(Math.floor(now / 1000 / SAME_URL_SECONDS) * SAME_URL_SECONDS + URL_SECONDS);
    const signature = this.signatureOf(userId, fileId, expires);
    return `${this.baseUrl}/${fileId}/${variant}?user=${userId}&expires=${expires}&signature=${signature}`;
  }

  /** The seconds for which the URL is still valid. Throws FORBIDDEN if it has expired, and NOT_FOUND if the signature is wrong. */
  verify(fileId: string, { user, expires, signature }: { user: string; expires: string; signature: string }, now = Date.now()): number {
    const given = Buffer.from(signature);
    const expected = Buffer.from(this.sign(textOf(user, fileId, expires)));
    if (given.length !== expected.length || !timingSafeEqual(given, expected))
      throw new AppError('not-found', 'file/not-found', 'There is no such file.');
    const seconds = Number(expires) - Math.floor(now / 1000);
    if (seconds <= 0) throw new AppError('forbidden', 'file/url-expired', 'This address has expired. Ask for a new one.');
    return seconds;
  }

  private signatureOf(userId: string, fileId: string, expires: string): string {
    const text = textOf(userId, fileId, expires);
    let signature = this.signatures.get(text);
    if (signature === undefined) this.signatures.set(text, (signature = this.sign(text)));
    return signature;
  }

  private sign(text: string): string {
    return createHmac('sha256', this.key).update(text).digest('base64url');
  }
}

/** None of the three contains a line end where a signature is accepted: the user and the file are ids, and the gateway wrote the time. */
const textOf = (userId: string, fileId: string, expires: string) => `${userId}\n${fileId}\n${expires}`;
