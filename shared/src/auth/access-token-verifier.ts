import { createSecretKey, type KeyObject } from 'node:crypto';
import { decodeProtectedHeader, errors, jwtVerify, type JWTPayload } from 'jose';
import { LRUCache } from 'lru-cache';
import { AppError } from '../errors/index.js';
import type { AuthenticatedUser } from './authenticated-user.js';
import { INTERNAL_TOKEN_ISSUER, INTERNAL_TOKEN_TYPE } from './internal-tokens.js';
import { JwksCache } from './jwks-cache.js';
import type { RevokedSessions } from './revoked-sessions.js';

export const ACCESS_TOKEN_TYPE = 'at+jwt';
export const MFA_ENROLLMENT_TOKEN_TYPE = 'mfa-enrollment+jwt';
const MAX_TOKEN_CHARACTERS = 4096;
const CLOCK_SKEW_SECONDS = 60;

export interface AccessTokenVerifierOptions {
  jwksUrl: string;
  issuer: string;
  audience: string;
  /** The key of InternalTokens; null: internal tokens are refused (the gateway, whose callers are outside). */
  internalSecret: string | null;
  /** The one type of user tokens that is taken; access tokens unless it says otherwise. See SetupTokenVerifier. */
  tokenType?: typeof ACCESS_TOKEN_TYPE | typeof MFA_ENROLLMENT_TOKEN_TYPE;
  revokedSessions?: Pick<RevokedSessions, 'isRevoked'>;
  /** How many verified tokens are remembered. */
  cacheSize?: number;
  jwksCooldownMs?: number;
}

interface Verified {
  caller: AuthenticatedUser;
  endsAtMs: number;
}

/**
 * Says whom a bearer token stands for. A token is checked in full once, then remembered until it runs out; whether its session was
 * revoked is asked every time. Only the key id of a token's header is used: keys or addresses in it are ignored, and the algorithm is fixed.
 */
export class AccessTokenVerifier {
  readonly #options: AccessTokenVerifierOptions;
  readonly #keys: JwksCache;
  readonly #internalKey: KeyObject | null;
  readonly #tokenType: string;
  readonly #verified: LRUCache<string, Verified>;
  /** Checks that are under way: whoever comes with the same token meanwhile waits for the first, and is served after it, in order. */
  readonly #verifying = new Map<string, Promise<Verified>>();

  constructor(options: AccessTokenVerifierOptions) {
    this.#options = options;
    this.#keys = new JwksCache({
      url: options.jwksUrl,
      ...(options.jwksCooldownMs === undefined ? {} : { cooldownMs: options.jwksCooldownMs }),
    });
    this.#internalKey = options.internalSecret === null ? null : createSecretKey(Buffer.from(options.internalSecret));
    this.#tokenType = options.tokenType ?? ACCESS_TOKEN_TYPE;
    this.#verified = new LRUCache({ max: options.cacheSize ?? 10_000 });
  }

  /** Rejects with `unauthenticated`, or with `unavailable` when the key is unknown and auth-service cannot be asked. */
  async verify(token: string): Promise<AuthenticatedUser> {
    const verified = this.#verified.get(token) ?? (await this.#verifyOnce(token));
    if (verified.endsAtMs <= Date.now()) {
      this.#verified.delete(token);
      throw new AppError('unauthenticated', 'auth/token-expired', 'The access token has run out.');
    }
    if (this.#options.revokedSessions?.isRevoked(verified.caller.sessionId))
      throw new AppError('unauthenticated', 'auth/session-revoked', 'This session has ended.');
    return verified.caller;
  }

  #verifyOnce(token: string): Promise<Verified> {
    const known = this.#verifying.get(token);
    if (known) return known;
    const verifying = this.#verifyInFull(token)
      .then((verified) => {
        this.#verified.set(token, verified);
        return verified;
      })
      .finally(() => this.#verifying.delete(token));
    this.#verifying.set(token, verifying);
    return verifying;
  }

  async #verifyInFull(token: string): Promise<Verified> {
    if (token.length > MAX_TOKEN_CHARACTERS) throw invalidToken();
    try {
      const internal = this.#internalKey !== null && decodeProtectedHeader(token).typ === INTERNAL_TOKEN_TYPE;
      const payload = internal ? await this.#verifyInternal(token, this.#internalKey!) : await this.#verifyAccess(token);
      const { sub, sid, exp, iat } = payload;
      if (typeof sub !== 'string' || sub === '' || typeof sid !== 'string' || sid === '' || exp === undefined || iat === undefined)
        throw invalidToken();
      if (iat > Date.now() / 1000 + CLOCK_SKEW_SECONDS) throw invalidToken();
      const kind = internal ? 'internal' : this.#tokenType === MFA_ENROLLMENT_TOKEN_TYPE ? 'mfa-enrollment' : 'user';
      return { caller: { userId: sub, sessionId: sid, token, kind }, endsAtMs: exp * 1000 };
    } catch (error) {
      if (error instanceof AppError) throw error;
      if (error instanceof errors.JWTExpired)
        throw new AppError('unauthenticated', 'auth/token-expired', 'The access token has run out.', { cause: error });
      throw invalidToken(error);
    }
  }

  async #verifyAccess(token: string): Promise<JWTPayload> {
    const { issuer, audience } = this.#options;
    const { payload } = await jwtVerify(
      token,
      async ({ kid }) => {
        const key = typeof kid === 'string' && kid.length <= 200 ? await this.#keys.find(kid) : undefined;
        if (!key) throw invalidToken();
        return key;
      },
      { algorithms: ['ES256'], typ: this.#tokenType, issuer, audience, requiredClaims: ['sub', 'sid', 'iat', 'exp', 'jti'] },
    );
    return payload;
  }

  async #verifyInternal(token: string, key: KeyObject): Promise<JWTPayload> {
    const { payload } = await jwtVerify(token, key, {
      algorithms: ['HS256'],
      typ: INTERNAL_TOKEN_TYPE,
      issuer: INTERNAL_TOKEN_ISSUER,
      requiredClaims: ['sub', 'sid', 'iat', 'exp'],
    });
    return payload;
  }
}

function invalidToken(cause?: unknown): AppError {
  return new AppError('unauthenticated', 'auth/token-invalid', 'The access token is not valid.', { cause });
}

/** The token of an `Authorization: Bearer …` header; undefined when there is none. */
export function bearerToken(header: string | undefined): string | undefined {
  const match = header === undefined ? null : /^bearer +(\S+)$/i.exec(header);
  return match?.[1];
}
