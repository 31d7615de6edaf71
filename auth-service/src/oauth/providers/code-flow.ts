import OAuth2Strategy, { InternalOAuthError, TokenError } from 'passport-oauth2';
import { AppError } from '@chat/shared/errors';
import type { OAuthAttempts, UsedAttempt } from '../oauth-attempts.js';
import { providerRefused } from '../oauth.errors.js';
import type { Callback, NewAttempt } from './oauth-provider.js';
import { requestProvider } from './provider-http.js';

/** Thrown by passport-oauth2 for a response of the token endpoint without a token. */
const NO_ACCESS_TOKEN = 'Failed to obtain access token';

export interface ProviderTokens {
  accessToken: string;
  idToken: unknown;
}

export interface ExpectedIssuer {
  names: string[];
  /** Whether the provider promises to name itself in every callback (RFC 9207). */
  isRequired: boolean;
}

interface StrategyOptions {
  authorizationURL: string;
  tokenURL: string;
  clientID: string;
  clientSecret: string;
  scope: string;
}

/** The callbacks that passport gives to a strategy for one request. */
interface StrategyOutcome {
  redirect(location: string): void;
  success(tokens: ProviderTokens, info: { state: UsedAttempt }): void;
  fail(): void;
  error(error: unknown): void;
}

/**
 * The authorization code flow of one provider, with state and PKCE, carried by a strategy of passport. The strategy runs as passport itself
 * would run it: on an object of its own for each request, with callbacks for the outcome.
 */
export class CodeFlow {
  constructor(
    private readonly strategy: OAuth2Strategy,
    private readonly attempts: OAuthAttempts,
    private readonly issuer: ExpectedIssuer,
  ) {}

  begin(attempt: NewAttempt): Promise<string> {
    const options = { callbackURL: attempt.redirectUri, nonce: attempt.nonce, state: attempt };
    return new Promise((resolve, reject) => this.#run({}, options, { ...outcomeOf(reject), redirect: resolve }));
  }

  async finish(callback: Callback): Promise<{ tokens: ProviderTokens; attempt: UsedAttempt }> {
    const problem = problemOf(callback.query, this.issuer);
    if (problem !== undefined) {
      // The strategy would answer an error without asking its store, and would begin a new sign-in if there is no code.
      await this.attempts.use(callback);
      throw providerRefused(new Error(problem));
    }
    const request = { ...callback, query: Object.fromEntries(callback.query) };
    const options = { callbackURL: callback.redirectUri };
    return new Promise((resolve, reject) =>
      this.#run(request, options, { ...outcomeOf(reject), success: (tokens, { state: attempt }) => resolve({ tokens, attempt }) }),
    );
  }

  #run(request: object, options: object, outcome: StrategyOutcome): void {
    const strategy = Object.assign(Object.create(this.strategy) as OAuth2Strategy, outcome);
    strategy.authenticate(request as never, options);
  }
}

/** The same for every provider. The strategies only carry the tokens: what they prove is checked by the provider's own file. */
export function strategyOptions(options: StrategyOptions, attempts: OAuthAttempts) {
  return {
    ...options,
    pkce: 'S256' as unknown as true,
    store: attempts as unknown as OAuth2Strategy.StateStore,
    skipUserProfile: true,
  };
}

/** passport-oauth2 tells by the number of parameters that the fields of the token response are wanted. */
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

/** For GitHub and Facebook, which have nothing of their own in the code flow. */
export class PlainOAuth2Strategy extends OAuth2Strategy {
  constructor(options: StrategyOptions, attempts: OAuthAttempts) {
    super(strategyOptions(options, attempts), passTokens as OAuth2Strategy.VerifyFunction);
    useProviderHttp(this._oauth2);
  }
}

function outcomeOf(reject: (error: unknown) => void): StrategyOutcome {
  const unexpected = () => reject(providerRefused(new Error('the strategy had an unexpected outcome')));
  return { redirect: unexpected, success: unexpected, fail: unexpected, error: (error) => reject(unwrapped(error)) };
}

/** Other errors than those of passport-oauth2 are errors of our own store. */
function unwrapped(error: unknown): unknown {
  if (error instanceof InternalOAuthError) return fromTransport(error.oauthError);
  const isRefusal = error instanceof TokenError || (error instanceof Error && error.message === NO_ACCESS_TOKEN);
  return isRefusal ? providerRefused(error) : error;
}

/** The body of a response stays out of the log, because it may contain tokens. */
function fromTransport(error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (error instanceof Error) return providerRefused(error);
  return providerRefused(new Error(`the token endpoint responded with status ${(error as { statusCode?: number }).statusCode}`));
}

/** Why the callback is no successful authorization response (RFC 6749, 4.1.2; RFC 9207). */
function problemOf(query: URLSearchParams, issuer: ExpectedIssuer): string | undefined {
  const [code, error, iss] = ['code', 'error', 'iss'].map((name) => query.get(name));
  if (new Set(query.keys()).size !== [...query].length) return 'the callback repeats a parameter';
  if (error !== null) return `the provider responded with the error ${error}`;
  if (!code) return 'the callback has no code';
  if (iss === null ? issuer.isRequired : !issuer.names.includes(iss!)) return 'the callback comes from another issuer';
  return undefined;
}
