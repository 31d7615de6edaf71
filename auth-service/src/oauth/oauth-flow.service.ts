import { Inject, Injectable } from '@nestjs/common';
import { LOGGER, type Log } from '@chat/shared/observability';
import { AppError } from '@chat/shared/errors';
import { AuthConfig } from '../config.js';
import { attemptIdOf, ATTEMPT_SECONDS, OAuthAttempts } from './oauth-attempts.js';
import { badChallenge, linkExpired, needsChallenge, unknownAttempt } from './oauth.errors.js';
import { OAuthCodes } from './oauth-codes.js';
import { OAuthProviders } from './oauth-providers.js';
import { isChallenge } from '../secrets/pkce.js';
import type { Callback, Platform, ProviderName } from './providers/oauth-provider.js';

/** Where to redirect the browser, and the secret for its cookie. */
export interface BegunSignIn {
  location: string;
  attemptId: string;
  browserSecret: string;
}

/**
 * The browser's path through a sign-in at a provider. It begins at our own address, where the browser gets a cookie, continues at the
 * provider, and ends at our callback, which redirects to the client with a one-time code, never with a token. The final address is
 * configured; no request can change it.
 */
@Injectable()
export class OAuthFlowService {
  constructor(
    private readonly config: AuthConfig,
    private readonly providers: OAuthProviders,
    private readonly attempts: OAuthAttempts,
    private readonly codes: OAuthCodes,
    @Inject(LOGGER) private readonly logger: Log,
  ) {}

  /** The address that a client opens in a browser, until `expiresAt`. */
  startUrl(provider: ProviderName, platform: Platform, codeChallenge: string | undefined): { url: string; expiresAt: string } {
    requireChallenge(platform, codeChallenge);
    this.providers.get(provider);
    const url = new URL(startPath(provider, platform), this.config.oauth.publicUrl);
    const expires = Math.floor(Date.now() / 1000) + ATTEMPT_SECONDS;
    if (codeChallenge !== undefined) url.searchParams.set('code_challenge', codeChallenge);
    url.searchParams.set('expires', String(expires));
    return { url: url.href, expiresAt: new Date(expires * 1000).toISOString() };
  }

  /** The browser opens the address of `startUrl`. */
  async begin(provider: ProviderName, platform: Platform, query: { codeChallenge?: string; expires?: string }): Promise<BegunSignIn> {
    requireChallenge(platform, query.codeChallenge);
    if (query.expires !== undefined && !(Number(query.expires) * 1000 > Date.now())) throw linkExpired();
    const redirectUri = this.#redirectUri(provider, platform);
    const attempt = this.attempts.create({ provider, platform, redirectUri, codeChallenge: query.codeChallenge ?? null });
    const location = await this.providers.get(provider).begin(attempt);
    return { location, attemptId: attemptIdOf(attempt.state), browserSecret: attempt.browserSecret };
  }

  /** The browser returns from the provider. The result is the address of the client, with a code or with an error. */
  async finish(
    provider: ProviderName,
    platform: Platform,
    query: URLSearchParams,
    browserSecretOf: (attemptId: string) => string | undefined,
  ): Promise<{ location: string; attemptId: string }> {
    this.providers.get(provider);
    const [state, ...more] = query.getAll('state');
    if (!state || more.length > 0) throw unknownAttempt();
    const attemptId = attemptIdOf(state);
    const redirectUri = this.#redirectUri(provider, platform);
    const callback = { provider, platform, redirectUri, state, query, browserSecret: browserSecretOf(attemptId) };
    return { location: this.#clientUrl(provider, platform, await this.#outcome(callback)), attemptId };
  }

  async #outcome(callback: Callback): Promise<Record<string, string>> {
    const { provider, query } = callback;
    try {
      const { identity, codeChallenge } = await this.providers.get(provider).finish(callback);
      return { code: await this.codes.issue(identity, codeChallenge) };
    } catch (error) {
      const reason = error instanceof AppError ? REASONS[error.code] : undefined;
      if (!reason) throw error;
      const isDeclined = query.get('error') === 'access_denied';
      if (!isDeclined) this.logger.warn({ provider, error, reason }, 'sign-in at a provider was refused');
      return { error: isDeclined ? 'access_denied' : reason };
    }
  }

  #redirectUri(provider: ProviderName, platform: Platform): string {
    return `${this.config.oauth.publicUrl}${startPath(provider, platform)}/callback`;
  }

  #clientUrl(provider: ProviderName, platform: Platform, outcome: Record<string, string>): string {
    const { webAppUrl, oauth } = this.config;
    const base = platform === 'web' ? `${webAppUrl}/auth/callback` : (oauth.mobileAppLink ?? `${oauth.mobileAppScheme}://auth/callback`);
    const url = new URL(base);
    for (const [name, value] of Object.entries({ provider, ...outcome })) url.searchParams.set(name, value);
    return url.href;
  }
}

/** The values of `error` for the client. Any other error is our own failure. */
const REASONS: Record<string, string> = {
  'oauth/refused': 'provider_refused',
  'oauth/bad-id-token': 'provider_refused',
  'oauth/provider-unavailable': 'provider_unavailable',
  'oauth/email-not-verified': 'email_not_verified',
  'oauth/other-identity-linked': 'other_account_linked',
};

function startPath(provider: ProviderName, platform: Platform): string {
  return platform === 'mobile' ? `/auth/${provider}/mobile` : `/auth/${provider}`;
}

function requireChallenge(platform: Platform, codeChallenge: string | undefined): void {
  if (codeChallenge === undefined) {
    if (platform === 'mobile') throw needsChallenge();
  } else if (!isChallenge(codeChallenge)) throw badChallenge();
}
