import OAuth2Strategy, { InternalOAuthError, TokenError } from 'passport-oauth2';
import { AppError } from '@chat/shared/errors';
import type { OAuthAttempts, UsedAttempt } from '../oauth-attempts.js';
import { providerRefused } from '../oauth.errors.js';
import type { Callback, NewAttempt } from './oauth-provider.js';
import type { ProviderTokens } from './strategies.js';

/** Thrown by passport-oauth2 for a response of the token endpoint without a token. */
const NO_ACCESS_TOKEN = 'Failed to obtain access token';

export interface ExpectedIssuer {
  names: string[];
  /** Whether the provider promises to name itself in every callback (RFC 9207). */
  isRequired: boolean;
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
