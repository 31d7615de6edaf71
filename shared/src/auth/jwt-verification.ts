import type { KeyObject } from 'node:crypto';
import { decodeProtectedHeader, type ProtectedHeaderParameters } from 'jose';
import { Strategy, type StrategyOptionsWithoutRequest } from 'passport-jwt';

/** The claims of a verified token; the required ones are present and of their type. */
export interface VerifiedClaims {
  sub: string;
  sid: string;
  /** Seconds since the epoch. */
  iat: number;
  exp: number;
}

/** The one kind of token that a JwtVerification accepts. */
export interface JwtVerificationOptions {
  /** The only accepted `typ` of the header (RFC 8725, section 3.11). */
  type: string;
  issuer: string;
  audience: string;
  /** The key to verify with, found by nothing but the `kid` of the header; keys and addresses in a token are ignored. */
  keyOf(header: ProtectedHeaderParameters): KeyObject | undefined | Promise<KeyObject | undefined>;
}

const CLOCK_SKEW_SECONDS = 60;
/** The largest JWT_EXPIRATION. A token that claims to be valid for longer is refused: the forger of a token chooses its end. */
export const MAX_TOKEN_SECONDS = 86_400;

/**
 * Verifies JSON Web Tokens of one kind (RFC 7519, RFC 8725) by the strategy of passport-jwt, without a web framework around it: sockets,
 * RPC calls and GraphQL operations present tokens, too. As passport does, each verification runs on an object of its own that inherits from
 * the strategy and receives its outcome. jsonwebtoken gets a KeyObject: it would create one of a string at every verification.
 */
export class JwtVerification {
  readonly #strategy: Strategy;

  constructor(private readonly options: JwtVerificationOptions) {
    const { issuer, audience } = options;
    const settings: StrategyOptionsWithoutRequest = {
      jwtFromRequest: (request: { token: string }) => request.token,
      secretOrKeyProvider: (_request, token: string, done) => void this.#provideKey(token, done),
      algorithms: ['ES256'],
      issuer,
      audience,
    };
    this.#strategy = new Strategy(settings, (claims: unknown, done) => done(null, claims));
  }

  /** The claims of a valid token. Rejects with the reason: an error of jsonwebtoken, or the one of `keyOf`. */
  async verify(token: string): Promise<VerifiedClaims> {
    const claims = await new Promise<unknown>((resolve, reject) => {
      const attempt = Object.create(this.#strategy) as Strategy;
      attempt.success = resolve;
      attempt.fail = reject;
      attempt.error = reject;
      attempt.authenticate({ token } as never);
    });
    return this.#required(claims as Record<string, unknown>);
  }

  async #provideKey(token: string, done: (error: unknown, key?: never) => void): Promise<void> {
    try {
      // The types of passport-jwt know strings only; jsonwebtoken expects a KeyObject.
      done(null, (await this.#keyFor(token)) as never);
    } catch (error) {
      done(error);
    }
  }

  async #keyFor(token: string): Promise<KeyObject> {
    const header = decodeProtectedHeader(token);
    // jsonwebtoken checks neither: a token with an extension that is not understood must be rejected (RFC 7515, section 4.1.11).
    if (header.typ !== this.options.type || header.crit !== undefined) throw new Error('a token of another type, or with an extension');
    const key = await this.options.keyOf(header);
    if (!key) throw new Error('no key has the id that the token names');
    return key;
  }

  #required({ sub, sid, iat, exp, jti }: Record<string, unknown>): VerifiedClaims {
    if (typeof sub !== 'string' || sub === '' || typeof sid !== 'string' || sid === '') throw new Error('no subject or no session');
    if (typeof exp !== 'number' || typeof iat !== 'number') throw new Error('no time of issue or of expiry');
    if (exp - iat > MAX_TOKEN_SECONDS) throw new Error('valid for too long');
    if (iat > Date.now() / 1000 + CLOCK_SKEW_SECONDS) throw new Error('issued in the future');
    if (jti === undefined) throw new Error('no id');
    return { sub, sid, iat, exp };
  }
}

/** True of the error with which a token is rejected that has expired. */
export function isExpired(error: unknown): boolean {
  return error instanceof Error && error.name === 'TokenExpiredError';
}
