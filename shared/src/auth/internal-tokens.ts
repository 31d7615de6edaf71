import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';

export const INTERNAL_TOKEN_TYPE = 'internal+jwt';
export const INTERNAL_TOKEN_ISSUER = 'chat-internal';
const LIFE_SECONDS = 60;
/** A token is given again until it has less than this left. */
const REUSE_UNTIL_SECONDS = 30;
const REMEMBERED_SESSIONS = 5000;

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const HEADER = encode({ alg: 'HS256', typ: INTERNAL_TOKEN_TYPE });

/** Short tokens with which the gateway works for a session whose access token may have run out while its socket is open. */
export class InternalTokens {
  readonly #key: KeyObject;
  readonly #issued = new Map<string, { token: string; exp: number }>();

  constructor(secret: string) {
    this.#key = createSecretKey(Buffer.from(secret));
  }

  /** Good for half a minute at least, for one at most. The same session gets the same token for a while, so that receivers can cache it. */
  issue(userId: string, sessionId: string): string {
    const now = Math.floor(Date.now() / 1000);
    const cacheKey = `${userId}:${sessionId}`;
    const known = this.#issued.get(cacheKey);
    if (known && known.exp - now >= REUSE_UNTIL_SECONDS) return known.token;
    const exp = now + LIFE_SECONDS;
    const body = `${HEADER}.${encode({ iss: INTERNAL_TOKEN_ISSUER, sub: userId, sid: sessionId, iat: now, exp })}`;
    const token = `${body}.${createHmac('sha256', this.#key).update(body).digest('base64url')}`;
    if (this.#issued.size >= REMEMBERED_SESSIONS) this.#issued.clear();
    this.#issued.set(cacheKey, { token, exp });
    return token;
  }
}
