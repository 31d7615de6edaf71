import { createRemoteJWKSet, jwtVerify } from 'jose';
import { ClientSecretPost, Configuration, fetchProtectedResource } from 'openid-client';
import { badIdToken, providerUnavailable } from '../oauth.errors.js';
import { allowHttpFor, askProvider, authorizationUrlOf, exchangeCode, PROVIDER_TIMEOUT_SECONDS } from './code-flow.js';
import { isKeySetAway } from './id-tokens.js';
import type { OAuthProvider, ProviderIdentity, RoundTrip } from './oauth-provider.js';

export interface FacebookOptions {
  url: string;
  graphUrl: string;
  clientId: string;
  clientSecret: string;
  /** Whether an address that Facebook gives counts as verified. */
  emailIsVerified: boolean;
}

/** Of the Graph API, and the claims of an ID token (Limited Login), which have other names for the same. */
interface FacebookUser {
  id: string;
  name?: string;
  first_name?: string;
  last_name?: string;
  email?: string;
}

const VERSION = 'v23.0';
const FIELDS = 'id,name,first_name,last_name,email';

/** Facebook, by OAuth 2 and its Graph API in a browser; by OpenID Connect (Limited Login) in native apps. */
export class FacebookProvider implements OAuthProvider {
  readonly name = 'facebook';
  readonly #configuration: Configuration;
  readonly #keys: ReturnType<typeof createRemoteJWKSet>;

  constructor(private readonly options: FacebookOptions) {
    const { url, graphUrl, clientId, clientSecret } = options;
    const server = {
      issuer: url,
      authorization_endpoint: `${url}/${VERSION}/dialog/oauth`,
      token_endpoint: `${graphUrl}/${VERSION}/oauth/access_token`,
    };
    this.#configuration = new Configuration(server, clientId, undefined, ClientSecretPost(clientSecret));
    this.#configuration.timeout = PROVIDER_TIMEOUT_SECONDS;
    for (const allow of [...allowHttpFor(url), ...allowHttpFor(graphUrl)]) allow(this.#configuration);
    this.#keys = createRemoteJWKSet(new URL(`${url}/.well-known/oauth/openid/jwks/`), { timeoutDuration: PROVIDER_TIMEOUT_SECONDS * 1000 });
  }

  authorizationUrl(trip: RoundTrip): Promise<URL> {
    return askProvider(() => authorizationUrlOf(this.#configuration, trip, { scope: 'email,public_profile' }));
  }

  identify(callback: URL, trip: RoundTrip): Promise<ProviderIdentity> {
    return askProvider(async () => {
      const { access_token: token } = await exchangeCode(this.#configuration, callback, trip, { hasIdToken: false });
      const address = new URL(`${this.options.graphUrl}/${VERSION}/me?fields=${FIELDS}`);
      const answer = await fetchProtectedResource(this.#configuration, token, address, 'GET');
      if (!answer.ok) throw new Error(`Facebook answered ${answer.status} for /me`, { cause: answer });
      return this.#toIdentity((await answer.json()) as FacebookUser);
    });
  }

  async verifyIdToken(idToken: string, nonce: string): Promise<ProviderIdentity> {
    try {
      const { payload } = await jwtVerify(idToken, this.#keys, {
        issuer: this.options.url,
        audience: this.options.clientId,
        algorithms: ['RS256'],
        requiredClaims: ['sub', 'exp', 'iat', 'nonce'],
        clockTolerance: 10,
      });
      if (payload.nonce !== nonce) throw new Error('the nonce is another one');
      const { sub, given_name: first_name, family_name: last_name, ...claims } = payload;
      return this.#toIdentity({ ...claims, id: sub, first_name, last_name } as FacebookUser);
    } catch (error) {
      throw isKeySetAway(error) ? providerUnavailable(error) : badIdToken(error);
    }
  }

  #toIdentity({ id, email, name, first_name: firstName, last_name: lastName }: FacebookUser): ProviderIdentity {
    if (typeof id !== 'string' || id === '') throw new Error('Facebook gave a user without an id');
    return {
      provider: 'facebook',
      subject: id,
      email: email || null,
      emailVerified: this.options.emailIsVerified,
      firstName: firstName || null,
      lastName: lastName || null,
      nickname: name || null,
    };
  }
}
