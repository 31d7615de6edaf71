import type { OAuthAttempts } from '../oauth-attempts.js';
import { providerRefused } from '../oauth.errors.js';
import { CodeFlow } from './code-flow.js';
import { IdTokenVerifier } from './id-tokens.js';
import {
  type Callback,
  type NewAttempt,
  type OAuthProvider,
  type ProviderIdentity,
  type SignedInAtProvider,
  textOrNull,
} from './oauth-provider.js';
import { getJson } from './provider-http.js';
import { PlainOAuth2Strategy } from './strategies.js';

export interface FacebookOptions {
  url: string;
  graphUrl: string;
  clientId: string;
  clientSecret: string;
  /** Whether an address that Facebook returns counts as verified. */
  emailIsVerified: boolean;
}

/** In the words of the Graph API. An ID token (Limited Login) has other names for the same fields. */
interface FacebookUser {
  id?: unknown;
  name?: unknown;
  first_name?: unknown;
  last_name?: unknown;
  email?: unknown;
}

const VERSION = 'v23.0';
const FIELDS = 'id,name,first_name,last_name,email';

/** Facebook: by OAuth 2 and its Graph API in a browser, by OpenID Connect (Limited Login) in native apps. */
export class FacebookProvider implements OAuthProvider {
  readonly name = 'facebook';
  readonly #flow: CodeFlow;
  readonly #idTokens: IdTokenVerifier;

  constructor(
    private readonly options: FacebookOptions,
    attempts: OAuthAttempts,
  ) {
    const { url, graphUrl, clientId: clientID, clientSecret } = options;
    const endpoints = { authorizationURL: `${url}/${VERSION}/dialog/oauth`, tokenURL: `${graphUrl}/${VERSION}/oauth/access_token` };
    const strategy = new PlainOAuth2Strategy({ ...endpoints, clientID, clientSecret, scope: 'email,public_profile' }, attempts);
    this.#flow = new CodeFlow(strategy, attempts, { names: [url], isRequired: false });
    this.#idTokens = new IdTokenVerifier({ issuers: [url], jwksUrl: `${url}/.well-known/oauth/openid/jwks/`, algorithms: ['RS256'] });
  }

  begin(attempt: NewAttempt): Promise<string> {
    return this.#flow.begin(attempt);
  }

  async finish(callback: Callback): Promise<SignedInAtProvider> {
    const { tokens, attempt } = await this.#flow.finish(callback);
    const user = await getJson(`${this.options.graphUrl}/${VERSION}/me?fields=${FIELDS}`, { accessToken: tokens.accessToken });
    return { identity: this.#toIdentity(user as FacebookUser), codeChallenge: attempt.codeChallenge };
  }

  async verifyIdToken(idToken: string, nonce: string): Promise<ProviderIdentity> {
    const claims = await this.#idTokens.verify(idToken, { audience: [this.options.clientId], nonce });
    const { sub: id, given_name: first_name, family_name: last_name, ...others } = claims;
    return this.#toIdentity({ ...others, id, first_name, last_name } as FacebookUser);
  }

  #toIdentity(user: FacebookUser | null): ProviderIdentity {
    const { id, email, name, first_name: firstName, last_name: lastName } = user ?? {};
    if (typeof id !== 'string' || id === '') throw providerRefused(new Error('Facebook returned a user without an id'));
    return {
      provider: 'facebook',
      subject: id,
      email: textOrNull(email),
      emailVerified: this.options.emailIsVerified,
      isEmailAuthority: false,
      firstName: textOrNull(firstName),
      lastName: textOrNull(lastName),
      nickname: textOrNull(name),
    };
  }
}
