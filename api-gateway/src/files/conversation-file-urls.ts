import { AppError } from '@chat/shared/errors';
import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { GatewayConfig } from '../config.js';

/** For this time, a URL is valid. */
const URL_SECONDS = 600;
/** In this time, a file has one URL for a user, so that clients find it in their cache. */
const SAME_URL_SECONDS = 60;

/**
 * Signs the URLs of files of conversations, each for one user: a browser sends no token for an image. The signature says only for which user chat-service is asked;
 * whether the user may read the file is checked there, at every request. Live events need no call of chat-service for their URLs. The key is
 * derived from the private key of the gateway, so all its instances have the same one.
 */
@Injectable()
export class ConversationFileUrls {
  private readonly baseUrl: string;
  private readonly key: Buffer;
  /** The variants of a file have one signature, and are mostly selected together. */
  private last = { text: '', signature: Buffer.alloc(0) };

  constructor({ files, internalIssuer }: GatewayConfig) {
    this.baseUrl = `${files.publicUrl}/files/chat`;
    const secret = internalIssuer.signingKey.export({ format: 'der', type: 'pkcs8' });
    this.key = Buffer.from(hkdfSync('sha256', secret, '', 'URLs of files of conversations', 32));
  }

  /** Where this user reads a file, or with another `variant` a thumbnail; the signature is valid for all of them. */
  urlFor(userId: string, fileId: string, variant: string, now = Date.now()): string {
    const expires = String(Math.floor(now / 1000 / SAME_URL_SECONDS) * SAME_URL_SECONDS + URL_SECONDS);
    const signature = this.sign(userId, fileId, expires).toString('base64url');
    return `${this.baseUrl}/${fileId}/${variant}?user=${userId}&expires=${expires}&signature=${signature}`;
  }

  /** The seconds for which the URL is still valid. Throws FORBIDDEN if it has expired, and NOT_FOUND if the signature is wrong. */
  verify(fileId: string, { user, expires, signature }: { user: string; expires: string; signature: string }, now = Date.now()): number {
    const given = Buffer.from(signature, 'base64url');
    const expected = this.sign(user, fileId, expires);
    if (given.length !== expected.length || !timingSafeEqual(given, expected))
      throw new AppError('not-found', 'file/not-found', 'There is no such file.');
    const seconds = Number(expires) - Math.floor(now / 1000);
    if (seconds <= 0) throw new AppError('forbidden', 'file/url-expired', 'This address has expired. Ask for a new one.');
    return seconds;
  }

  /** None of the three contains a line end where a signature is accepted: the user and the file are ids, and the gateway wrote the time. */
  private sign(userId: string, fileId: string, expires: string): Buffer {
    const text = `${userId}\n${fileId}\n${expires}`;
    if (this.last.text !== text) this.last = { text, signature: createHmac('sha256', this.key).update(text).digest() };
    return this.last.signature;
  }
}
