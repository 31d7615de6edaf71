import { decodeProtectedHeader } from 'jose';
import { LRUCache } from 'lru-cache';
import { AppError } from '../errors/index.js';
import type { AuthenticatedUser } from './authenticated-user.js';
import { InternalTokenVerification, type InternalTokenVerificationOptions } from './internal-token-verification.js';
import { INTERNAL_TOKEN_TYPE } from './internal-tokens.js';
import { JwksCache } from './jwks-cache.js';
import { isExpired, JwtVerification } from './jwt-verification.js';
import type { RevokedSessions } from './revoked-sessions.js';

/** The `typ` of access tokens (RFC 9068). */
export const ACCESS_TOKEN_TYPE = 'at+jwt';
/** The `typ` of MFA enrolment tokens. */
export const MFA_ENROLLMENT_TOKEN_TYPE = 'mfa-enrollment+jwt';
const MAX_TOKEN_CHARACTERS = 4096;
const MAX_KEY_ID_CHARACTERS = 200;

/** The issuer, the keys and the cache of an AccessTokenVerifier. */
export interface AccessTokenVerifierOptions {
  jwksUrl: string;
  issuer: string;
  audience: string;
  /** Undefined: internal tokens are rejected (the gateway, whose clients are outside). */
  internalTokens?: InternalTokenVerificationOptions | undefined;
  /** The one accepted type of user tokens; access tokens by default. See MfaEnrollmentTokenVerifier. */
  tokenType?: typeof ACCESS_TOKEN_TYPE | typeof MFA_ENROLLMENT_TOKEN_TYPE;
  revokedSessions?: Pick<RevokedSessions, 'isRevoked'>;
  /** The largest number of verified tokens in the cache; 10,000 by default. */
  cacheSize?: number;
  jwksCooldownMs?: number;
  jwksMaxAgeMs?: number;
}

interface Verified {
  user: AuthenticatedUser;
  expiresAtMs: number;
  /** The key of auth-service that signed it; null: it is an internal token. */
  keyId: string | null;
}

/**
 * Verifies bearer tokens: access tokens of auth-service (ES256, key by `kid` from its JWKS) and, where it is allowed, internal tokens of other
 * services. A token is verified in full once, then cached until it expires; whether its session was revoked, or its key withdrawn, is checked
 * every time.
 */
export class AccessTokenVerifier {
  readonly #keys: JwksCache;
  readonly #userTokens: JwtVerification;
  readonly #userKind: AuthenticatedUser['kind'];
  readonly #internalTokens: InternalTokenVerification | undefined;
  readonly #revokedSessions: Pick<RevokedSessions, 'isRevoked'> | undefined;
  readonly #verified: LRUCache<string, Verified>;
  /** Verifications in progress: requests with the same token wait for the first one, and are answered after it, in order. */
  readonly #verifying = new Map<string, Promise<Verified>>();

  constructor(options: AccessTokenVerifierOptions) {
    const { jwksUrl, jwksCooldownMs: cooldownMs, jwksMaxAgeMs: maxAgeMs, issuer, audience, tokenType: type = ACCESS_TOKEN_TYPE } = options;
    this.#keys = new JwksCache({ url: jwksUrl, cooldownMs, maxAgeMs });
    this.#userTokens = new JwtVerification({
      type,
      issuer,
      audience,
      keyOf: ({ kid }) => (typeof kid === 'string' && kid.length <= MAX_KEY_ID_CHARACTERS ? this.#keys.find(kid) : undefined),
    });
    this.#userKind = type === MFA_ENROLLMENT_TOKEN_TYPE ? 'mfa-enrollment' : 'user';
    this.#internalTokens = options.internalTokens && new InternalTokenVerification(options.internalTokens);
    this.#revokedSessions = options.revokedSessions;
    this.#verified = new LRUCache({ max: options.cacheSize ?? 10_000 });
  }

  /** Fetches the keys of auth-service before a token needs them, if auth-service answers. Never rejects. */
  prepare(): Promise<void> {
    return this.#keys.prepare();
  }

  /** Rejects with `unauthenticated`, or with `unavailable` when the key is unknown and auth-service does not answer. */
  async verify(token: string): Promise<AuthenticatedUser> {
    const { user, expiresAtMs, keyId } = this.#verified.get(token) ?? (await this.#verifyOnce(token));
    if (expiresAtMs <= Date.now()) {
      this.#verified.delete(token);
      throw tokenExpired();
    }
    if (keyId !== null && !(await this.#keys.find(keyId))) {
      this.#verified.delete(token);
      throw tokenInvalid();
    }
    if (this.#revokedSessions?.isRevoked(user.sessionId))
      throw new AppError('unauthenticated', 'auth/session-revoked', 'This session has ended.');
    return user;
  }

  #verifyOnce(token: string): Promise<Verified> {
    const inProgress = this.#verifying.get(token);
    if (inProgress) return inProgress;
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
    if (token.length > MAX_TOKEN_CHARACTERS) throw tokenInvalid();
    try {
      if (this.#internalTokens && decodeProtectedHeader(token).typ === INTERNAL_TOKEN_TYPE) {
        const { userId, sessionId, issuer, expiresAtMs } = await this.#internalTokens.verify(token);
        return { user: { userId, sessionId, token, kind: 'internal', issuer }, expiresAtMs, keyId: null };
      }
      const { sub, sid, exp } = await this.#userTokens.verify(token);
      return { user: { userId: sub, sessionId: sid, token, kind: this.#userKind }, expiresAtMs: exp * 1000, keyId: keyIdOfToken(token) };
    } catch (error) {
      if (error instanceof AppError) throw error;
      throw isExpired(error) ? tokenExpired(error) : tokenInvalid(error);
    }
  }
}

function tokenExpired(cause?: unknown): AppError {
  return new AppError('unauthenticated', 'auth/token-expired', 'The access token has expired.', { cause });
}

function tokenInvalid(cause?: unknown): AppError {
  return new AppError('unauthenticated', 'auth/token-invalid', 'The access token is not valid.', { cause });
}

/** The id of the key (`kid`) that the header of a verified token names. */
export function keyIdOfToken(token: string): string {
  return decodeProtectedHeader(token).kid ?? '';
}

/** The token of an `Authorization: Bearer …` header (RFC 6750, section 2.1); undefined when there is none. */
export function bearerToken(header: string | undefined): string | undefined {
  const match = header === undefined ? null : /^bearer +(\S+)$/i.exec(header);
  return match?.[1];
}
