import type { OAuthAttempts } from '../oauth-attempts.js';
import { providerRefused } from '../oauth.errors.js';
import { CodeFlow } from './code-flow.js';
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

export interface GithubOptions {
  url: string;
  apiUrl: string;
  clientId: string;
  clientSecret: string;
}

interface GithubUser {
  id: number;
  login: unknown;
  name: unknown;
}

interface GithubEmail {
  email: unknown;
  primary: unknown;
  verified: unknown;
}

const API_HEADERS = { accept: 'application/vnd.github+json', 'x-github-api-version': '2022-11-28' };

/** GitHub, by OAuth 2. The user is read from its API. */
export class GithubProvider implements OAuthProvider {
  readonly name = 'github';
  readonly #flow: CodeFlow;

  constructor(
    private readonly options: GithubOptions,
    attempts: OAuthAttempts,
  ) {
    const { url, clientId: clientID, clientSecret } = options;
    const endpoints = { authorizationURL: `${url}/login/oauth/authorize`, tokenURL: `${url}/login/oauth/access_token` };
    const strategy = new PlainOAuth2Strategy({ ...endpoints, clientID, clientSecret, scope: 'read:user user:email' }, attempts);
    this.#flow = new CodeFlow(strategy, attempts, { names: [url], isRequired: false });
  }

  begin(attempt: NewAttempt): Promise<string> {
    return this.#flow.begin(attempt);
  }

  async finish(callback: Callback): Promise<SignedInAtProvider> {
    const { tokens, attempt } = await this.#flow.finish(callback);
    const get = (path: string) => getJson(this.options.apiUrl + path, { accessToken: tokens.accessToken, headers: API_HEADERS });
    const [user, emails] = await Promise.all([get('/user'), get('/user/emails')]);
    return { identity: toIdentity(user as GithubUser, emails as GithubEmail[]), codeChallenge: attempt.codeChallenge };
  }
}

/** With the primary address and its state. The address in the public profile is not verified. */
function toIdentity(user: GithubUser | null, emails: GithubEmail[]): ProviderIdentity {
  if (!Number.isSafeInteger(user?.id)) throw providerRefused(new Error('GitHub returned a user without an id'));
  const { id, login, name } = user!;
  const primary = Array.isArray(emails) ? emails.find((email) => email?.primary === true) : undefined;
  return {
    provider: 'github',
    subject: String(id),
    email: textOrNull(primary?.email),
    emailVerified: primary?.verified === true,
    isEmailAuthority: primary?.verified === true,
    firstName: textOrNull(name),
    lastName: null,
    nickname: textOrNull(login),
  };
}
