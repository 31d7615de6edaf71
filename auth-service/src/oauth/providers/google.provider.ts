import { createRemoteJWKSet, jwtVerify } from 'jose';
import { ClientSecretPost, type Configuration, discovery } from 'openid-client';
import { badIdToken, providerUnavailable } from '../oauth.errors.js';
import { allowHttpFor, askProvider, authorizationUrlOf, exchangeCode, PROVIDER_TIMEOUT_SECONDS } from './code-flow.js';
import { isKeySetAway } from './id-tokens.js';
import type { OAuthProvider, ProviderIdentity, RoundTrip } from './oauth-provider.js';

export interface GoogleOptions {
  issuer: string;
  clientId: string;
  clientSecret: string;
  /** Of the native apps. */
  mobileClientIds: string[];
}

/** Google, by OpenID Connect. Its addresses and keys are found by discovery, when somebody first signs in. */
export class GoogleProvider implements OAuthProvider {
  readonly name = 'google';
  #discovering: Promise<Configuration> | null = null;
  #keys: ReturnType<typeof createRemoteJWKSet> | null = null;

  constructor(private readonly options: GoogleOptions) {}

  authorizationUrl(trip: RoundTrip): Promise<URL> {
    return askProvider(async () => authorizationUrlOf(await this.#discover(), trip, { scope: 'openid email profile', nonce: trip.nonce }));
  }

  identify(callback: URL, trip: RoundTrip): Promise<ProviderIdentity> {
    return askProvider(async () => {
      const tokens = await exchangeCode(await this.#discover(), callback, trip, { hasIdToken: true });
      return toIdentity(tokens.claims()!);
    });
  }

  async verifyIdToken(idToken: string, nonce: string): Promise<ProviderIdentity> {
    const { issuer, clientId, mobileClientIds } = this.options;
    const keys = await this.#keySet();
    try {
      const { payload } = await jwtVerify(idToken, keys, {
        // Google's older tokens name it without the scheme.
        issuer: [issuer, issuer.replace(/^https:\/\//, '')],
        audience: [clientId, ...mobileClientIds],
        algorithms: ['RS256', 'ES256'],
        requiredClaims: ['sub', 'exp', 'iat', 'nonce'],
        clockTolerance: 10,
      });
      if (payload.nonce !== nonce) throw new Error('the nonce is another one');
      return toIdentity(payload);
    } catch (error) {
      throw isKeySetAway(error) ? providerUnavailable(error) : badIdToken(error);
    }
  }

  async #keySet(): Promise<ReturnType<typeof createRemoteJWKSet>> {
    const jwksUri = await askProvider(async () => (await this.#discover()).serverMetadata().jwks_uri!);
    return (this.#keys ??= createRemoteJWKSet(new URL(jwksUri), { timeoutDuration: PROVIDER_TIMEOUT_SECONDS * 1000 }));
  }

  /** Once; again only after a failure. */
  #discover(): Promise<Configuration> {
    const { issuer, clientId, clientSecret } = this.options;
    this.#discovering ??= discovery(new URL(issuer), clientId, undefined, ClientSecretPost(clientSecret), {
      execute: allowHttpFor(issuer),
      timeout: PROVIDER_TIMEOUT_SECONDS,
    }).catch((error: unknown) => {
      this.#discovering = null;
      throw error;
    });
    return this.#discovering;
  }
}

/** https://developers.google.com/identity/openid-connect/openid-connect#an-id-tokens-payload */
function toIdentity(claims: Record<string, unknown>): ProviderIdentity {
  const text = (name: string) => (typeof claims[name] === 'string' && claims[name] !== '' ? (claims[name] as string) : null);
  return {
    provider: 'google',
    subject: String(claims.sub),
    email: text('email'),
    emailVerified: claims.email_verified === true,
    firstName: text('given_name'),
    lastName: text('family_name'),
    nickname: text('name'),
  };
}
