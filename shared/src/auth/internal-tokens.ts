import { createHash, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { ServiceName } from '../contracts/index.js';

/** The `typ` of internal tokens. */
export const INTERNAL_TOKEN_TYPE = 'internal+jwt';
/** The time for which an internal token is valid. */
export const INTERNAL_TOKEN_SECONDS = 60;
/** A token is issued again as long as at least this much of its lifetime remains. */
const REUSE_UNTIL_SECONDS = 30;
const CACHED_TOKENS = 20_000;

/** The user on whose behalf a service makes a request. */
export interface RepresentedUser {
  userId: string;
  sessionId: string;
}

/**
 * Issues the short-lived tokens (JWT, EdDSA) with which this service makes requests to other services on behalf of a user: the gateway for an
 * open socket, whose access token may have expired meanwhile, other services for what no user may ask. A token is valid for one receiver.
 */
export class InternalTokens {
  readonly #header: string;
  readonly #issued = new LRUCache<string, { token: string; exp: number }>({ max: CACHED_TOKENS });

  constructor(
    private readonly issuer: ServiceName,
    private readonly key: KeyObject,
  ) {
    this.#header = encode({ alg: 'EdDSA', typ: INTERNAL_TOKEN_TYPE, kid: keyIdOf(createPublicKey(key)) });
  }

  /** Valid for 30 to 60 seconds. A session gets the same token for 30 seconds, so that the receiver can cache its verification. */
  issue(receiver: ServiceName, { userId, sessionId }: RepresentedUser): string {
    const now = Math.floor(Date.now() / 1000);
    const cacheKey = `${receiver}:${userId}:${sessionId}`;
    const known = this.#issued.get(cacheKey);
    if (known && known.exp - now >= REUSE_UNTIL_SECONDS) return known.token;
    const exp = now + INTERNAL_TOKEN_SECONDS;
    const body = `${this.#header}.${encode({ iss: this.issuer, aud: receiver, sub: userId, sid: sessionId, iat: now, exp })}`;
    const token = `${body}.${sign(null, Buffer.from(body), this.key).toString('base64url')}`;
    this.#issued.set(cacheKey, { token, exp });
    return token;
  }
}

/** The `kid` of a public key: a digest of it, so that it need not be configured. */
export function keyIdOf(publicKey: KeyObject): string {
  return createHash('sha256')
    .update(publicKey.export({ format: 'der', type: 'spki' }))
    .digest('base64url')
    .slice(0, 16);
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
