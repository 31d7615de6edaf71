import { ClientSecretPost, Configuration, fetchProtectedResource } from 'openid-client';
import { allowHttpFor, askProvider, authorizationUrlOf, exchangeCode, PROVIDER_TIMEOUT_SECONDS } from './code-flow.js';
import type { OAuthProvider, ProviderIdentity, RoundTrip } from './oauth-provider.js';

export interface GithubOptions {
  url: string;
  apiUrl: string;
  clientId: string;
  clientSecret: string;
}

interface GithubUser {
  id: number;
  login: string;
  name: string | null;
}

interface GithubEmail {
  email: string;
  primary: boolean;
  verified: boolean;
}

const API_HEADERS = { accept: 'application/vnd.github+json', 'x-github-api-version': '2022-11-28', 'user-agent': 'chat-backend' };

/** GitHub, by OAuth 2: it says who somebody is over its API. */
export class GithubProvider implements OAuthProvider {
  readonly name = 'github';
  readonly #configuration: Configuration;

  constructor(private readonly options: GithubOptions) {
    const { url, clientId, clientSecret } = options;
    const server = {
      issuer: url,
      authorization_endpoint: `${url}/login/oauth/authorize`,
      token_endpoint: `${url}/login/oauth/access_token`,
    };
    this.#configuration = new Configuration(server, clientId, undefined, ClientSecretPost(clientSecret));
    this.#configuration.timeout = PROVIDER_TIMEOUT_SECONDS;
    for (const allow of [...allowHttpFor(url), ...allowHttpFor(options.apiUrl)]) allow(this.#configuration);
  }

  authorizationUrl(trip: RoundTrip): Promise<URL> {
    return askProvider(() => authorizationUrlOf(this.#configuration, trip, { scope: 'read:user user:email' }));
  }

  identify(callback: URL, trip: RoundTrip): Promise<ProviderIdentity> {
    return askProvider(async () => {
      const { access_token: token } = await exchangeCode(this.#configuration, callback, trip, { hasIdToken: false });
      const [user, emails] = await Promise.all([this.#get<GithubUser>('/user', token), this.#get<GithubEmail[]>('/user/emails', token)]);
      return toIdentity(user, emails);
    });
  }

  async #get<T>(path: string, token: string): Promise<T> {
    const address = new URL(this.options.apiUrl + path);
    const answer = await fetchProtectedResource(this.#configuration, token, address, 'GET', null, new Headers(API_HEADERS));
    if (!answer.ok) throw new Error(`GitHub answered ${answer.status} for ${path}`, { cause: answer });
    return (await answer.json()) as T;
  }
}

/** The primary address, and what GitHub says of it; the address in the public profile is not it. */
function toIdentity({ id, login, name }: GithubUser, emails: GithubEmail[]): ProviderIdentity {
  if (!Number.isSafeInteger(id)) throw new Error('GitHub gave a user without an id');
  const primary = Array.isArray(emails) ? emails.find((email) => email.primary === true) : undefined;
  return {
    provider: 'github',
    subject: String(id),
    email: primary?.email ?? null,
    emailVerified: primary?.verified === true,
    firstName: name || null,
    lastName: null,
    nickname: login,
  };
}
