import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';

/** The `typ` of internal tokens. */
export const INTERNAL_TOKEN_TYPE = 'internal+jwt';
/** The `iss` of internal tokens. */
export const INTERNAL_TOKEN_ISSUER = 'chat-internal';
const LIFETIME_SECONDS = 60;
/** A token is issued again as long as at least this much of its lifetime remains. */
const REUSE_UNTIL_SECONDS = 30;
const CACHED_SESSIONS = 5000;

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const HEADER = encode({ alg: 'HS256', typ: INTERNAL_TOKEN_TYPE });

/** Issues the short-lived tokens with which the gateway makes requests for an open socket, whose access token may have expired meanwhile. */
export class InternalTokens {
  readonly #key: KeyObject;
  readonly #issued = new Map<string, { token: string; exp: number }>();

  constructor(secret: string) {
    this.#key = createSecretKey(Buffer.from(secret));
  }

  /** Valid for 30 to 60 seconds. A session gets the same token for 30 seconds, so that the services can cache its verification. */
  issue(userId: string, sessionId: string): string {
    const now = Math.floor(Date.now() / 1000);
    const cacheKey = `${userId}:${sessionId}`;
    const known = this.#issued.get(cacheKey);
    if (known && known.exp - now >= REUSE_UNTIL_SECONDS) return known.token;
    const exp = now + LIFETIME_SECONDS;
    const body = `${HEADER}.${encode({ iss: INTERNAL_TOKEN_ISSUER, sub: userId, sid: sessionId, iat: now, exp })}`;
    const token = `${body}.${createHmac('sha256', this.#key).update(body).digest('base64url')}`;
    if (this.#issued.size >= CACHED_SESSIONS) this.#issued.clear();
    this.#issued.set(cacheKey, { token, exp });
    return token;
  }
}
