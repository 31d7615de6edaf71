import { AppError } from '@chat/shared/errors';
import { createRemoteJWKSet, customFetch, errors, type JWTPayload, jwtVerify } from 'jose';
import { badIdToken, providerUnavailable } from '../oauth.errors.js';
import { requestProvider } from './provider-http.js';

const CLOCK_TOLERANCE_SECONDS = 10;

export interface IdTokenIssuer {
  /** Every form in which the provider writes its name into `iss`. */
  issuers: string[];
  jwksUrl: string;
  algorithms: string[];
}

export interface ExpectedIdToken {
  /** The client ids that the token may be issued for. */
  audience: string[];
  nonce: string;
}

/** All checks of ID tokens, for the code flow and for native apps (OpenID Connect Core, 3.1.3.7). */
export class IdTokenVerifier {
  readonly #keys: ReturnType<typeof createRemoteJWKSet>;

  constructor(private readonly issuer: IdTokenIssuer) {
    this.#keys = createRemoteJWKSet(new URL(issuer.jwksUrl), { [customFetch]: fetchKeys });
  }

  /** Throws `badIdToken` for every fault of the token, and `providerUnavailable` if the keys cannot be loaded. */
  async verify(idToken: unknown, { audience, nonce }: ExpectedIdToken): Promise<JWTPayload> {
    const { issuers: issuer, algorithms } = this.issuer;
    try {
      if (typeof idToken !== 'string') throw new Error('there is no ID token');
      const { payload } = await jwtVerify(idToken, this.#keys, {
        issuer,
        audience,
        algorithms,
        requiredClaims: ['sub', 'exp', 'iat', 'nonce'],
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
      });
      if (payload.nonce !== nonce) throw new Error('the nonce is not that of the sign-in');
      requireAuthorizedParty(payload, audience);
      return payload;
    } catch (error) {
      throw isKeySetUnavailable(error) ? providerUnavailable(error) : badIdToken(error);
    }
  }
}

/**
 * A token for several audiences must say that it was issued to us. With one audience `azp` may name another client of ours: Google puts
 * the Android app there, and the server into `aud`.
 */
function requireAuthorizedParty({ aud, azp }: JWTPayload, clientIds: string[]): void {
  if (Array.isArray(aud) && aud.length > 1 && !clientIds.includes(azp as string))
    throw new Error('the token has several audiences and was issued to another client');
}

async function fetchKeys(url: string, { headers }: { headers: Headers }): Promise<Response> {
  const { status, text } = await requestProvider(url, { headers: Object.fromEntries(headers) });
  if (status !== 200) throw providerUnavailable(new Error(`the keys were answered with status ${status}`));
  return new Response(text);
}

function isKeySetUnavailable(error: unknown): boolean {
  if (error instanceof AppError) return error.kind === 'unavailable';
  // jose reports a response that is no JSON by its generic error.
  return error instanceof errors.JOSEError && ['ERR_JOSE_GENERIC', errors.JWKSInvalid.code].includes(error.code);
}
