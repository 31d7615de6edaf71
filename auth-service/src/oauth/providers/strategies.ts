import OAuth2Strategy from 'passport-oauth2';
import type { OAuthAttempts } from '../oauth-attempts.js';
import { providerRefused } from '../oauth.errors.js';
import { requestProvider } from './provider-http.js';

export interface ProviderTokens {
  accessToken: string;
  idToken: unknown;
}

interface StrategyOptions {
  authorizationURL: string;
  tokenURL: string;
  clientID: string;
  clientSecret: string;
  scope: string;
}

/** For GitHub and Facebook, which have nothing of their own in the code flow. */
export class PlainOAuth2Strategy extends OAuth2Strategy {
  constructor(options: StrategyOptions, attempts: OAuthAttempts) {
    super(strategyOptions(options, attempts), passTokens as OAuth2Strategy.VerifyFunction);
    useProviderHttp(this._oauth2);
  }
}

/** The same for every provider. The strategies only carry the tokens: what they prove is checked by the provider's own file. */
export function strategyOptions(options: StrategyOptions, attempts: OAuthAttempts) {
  return {
    ...options,
    // S256.
    pkce: true,
    store: attempts as unknown as OAuth2Strategy.StateStore,
    skipUserProfile: true,
  };
}

/** The `verify` function of passport. It has five parameters, so that passport-oauth2 passes the fields of the token response. */
export function passTokens(
  accessToken: unknown,
  _refreshToken: unknown,
  fields: Record<string, unknown>,
  _profile: unknown,
  done: (error: unknown, tokens?: ProviderTokens) => void,
): void {
  if (typeof accessToken !== 'string') done(providerRefused(new Error('the access token is not a string')));
  else if (!/^bearer$/i.test(String(fields.token_type))) done(providerRefused(new Error('the token type is not Bearer')));
  else done(null, { accessToken, idToken: fields.id_token });
}

/** Without this, the `oauth` package would have no deadline, read responses of any size, and put access tokens into addresses. */
export function useProviderHttp(oauth2: object): void {
  Object.assign(oauth2, { _request: requestForOAuth2 });
}

async function requestForOAuth2(
  method: string,
  url: string,
  headers: Record<string, string>,
  body: string,
  _accessToken: unknown,
  done: (error: unknown, text?: string) => void,
): Promise<void> {
  try {
    const { status, text } = await requestProvider(url, { method, headers: { accept: 'application/json', ...headers }, body });
    if (status === 200) done(null, text);
    else done({ statusCode: status, data: text });
  } catch (error) {
    // Also if the package cannot process the response: otherwise the sign-in would never end.
    done(error);
  }
}
