import { Inject, Injectable } from '@nestjs/common';
import { LOGGER, type Log } from '@chat/shared/observability';
import { AppError } from '@chat/shared/errors';
import { DataSource } from 'typeorm';
import { AuthConfig } from '../config.js';
import { DerivedKeys } from '../secrets/derived-keys.js';
import { OAuthAttempt, type Platform } from './oauth-attempt.entity.js';
import { badChallenge, linkTooOld, needsChallenge, unknownAttempt } from './oauth.errors.js';
import { OAuthCodes } from './oauth-codes.js';
import { OAuthProviders } from './oauth-providers.js';
import { purgeSomeExpired } from '../jobs/purge-some-expired.js';
import { derivedFrom, hashOf, newSecret } from '../secrets/one-time-secrets.js';
import { isChallenge } from '../secrets/pkce.js';
import type { ProviderIdentity, ProviderName, RoundTrip } from './providers/oauth-provider.js';

/** How long somebody may take at the provider. */
export const ATTEMPT_SECONDS = 600;

/** What the browser is told: where to go, and the secret to keep until it is back. */
export interface Begun {
  location: string;
  attemptId: string;
  browserSecret: string;
}

/**
 * The browser's way through a provider. It begins at our own address, where the browser gets a cookie, goes to the provider, and ends at
 * the callback with a one-time code for the client, never with a token. An attempt is used up by its callback, and only the browser that
 * began it can come back to it. Where the browser goes in the end is configured; nothing in a request can change it.
 */
@Injectable()
export class OAuthFlowService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly config: AuthConfig,
    private readonly providers: OAuthProviders,
    private readonly codes: OAuthCodes,
    private readonly derivedKeys: DerivedKeys,
    @Inject(LOGGER) private readonly logger: Log,
  ) {}

  /** The address that a client opens in a browser. It can be opened until `expiresAt`. */
  startUrl(provider: ProviderName, platform: Platform, codeChallenge: string | undefined): { url: string; expiresAt: string } {
    requireChallenge(platform, codeChallenge);
    this.providers.get(provider);
    const url = new URL(this.#startPath(provider, platform), this.config.oauth.publicUrl);
    const expires = Math.floor(Date.now() / 1000) + ATTEMPT_SECONDS;
    if (codeChallenge !== undefined) url.searchParams.set('code_challenge', codeChallenge);
    url.searchParams.set('expires', String(expires));
    return { url: url.href, expiresAt: new Date(expires * 1000).toISOString() };
  }

  /** The browser opens the address. */
  async begin(provider: ProviderName, platform: Platform, query: { codeChallenge?: string; expires?: string }): Promise<Begun> {
    requireChallenge(platform, query.codeChallenge);
    if (query.expires !== undefined && !(Number(query.expires) * 1000 > Date.now())) throw linkTooOld();
    const state = newSecret();
    const browserSecret = newSecret();
    const location = await this.providers.get(provider).authorizationUrl(this.#trip(provider, platform, state));
    await this.dataSource.transaction(async (manager) => {
      await purgeSomeExpired(manager, 'oauth_attempts', 'state_hash');
      await manager.getRepository(OAuthAttempt).insert({
        stateHash: hashOf(state),
        browserHash: hashOf(browserSecret),
        provider,
        platform,
        codeChallenge: query.codeChallenge ?? null,
        expiresAt: new Date(Date.now() + ATTEMPT_SECONDS * 1000),
      });
    });
    return { location: location.href, attemptId: attemptIdOf(state), browserSecret };
  }

  /** The browser comes back. The answer is where it goes now: to the client, with a code or with what went wrong. */
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
    const attempt = await this.#use(provider, platform, state, browserSecretOf(attemptId));
    return { location: this.#clientUrl(provider, platform, await this.#outcome(attempt, state, query)), attemptId };
  }

  async #outcome(attempt: OAuthAttempt, state: string, query: URLSearchParams): Promise<Record<string, string>> {
    const { provider, platform, codeChallenge } = attempt;
    try {
      const identity = await this.#identify(provider, this.#trip(provider, platform, state), query);
      return { code: await this.codes.issue(identity, codeChallenge) };
    } catch (error) {
      const reason = error instanceof AppError ? REASONS[error.code] : undefined;
      if (!reason) throw error;
      const declined = query.get('error') === 'access_denied';
      if (!declined) this.logger.warn({ provider, error, reason }, 'a sign-in at a provider was refused');
      return { error: declined ? 'access_denied' : reason };
    }
  }

  async #identify(provider: ProviderName, trip: RoundTrip, query: URLSearchParams): Promise<ProviderIdentity> {
    const callback = new URL(trip.redirectUri);
    callback.search = query.toString();
    return this.providers.get(provider).identify(callback, trip);
  }

  /** One statement, so that of two callbacks with one state only one finds it. */
  async #use(provider: ProviderName, platform: Platform, state: string, browserSecret: string | undefined): Promise<OAuthAttempt> {
    if (browserSecret === undefined) throw unknownAttempt();
    const result = await this.dataSource
      .createQueryBuilder()
      .delete()
      .from(OAuthAttempt)
      .where('state_hash = :stateHash and browser_hash = :browserHash and provider = :provider and platform = :platform', {
        stateHash: hashOf(state),
        browserHash: hashOf(browserSecret),
        provider,
        platform,
      })
      .andWhere('expires_at > now()')
      .returning('code_challenge')
      .execute();
    const [row] = result.raw as { code_challenge: string | null }[];
    if (!row) throw unknownAttempt();
    return this.dataSource.getRepository(OAuthAttempt).create({ provider, platform, codeChallenge: row.code_challenge });
  }

  #trip(provider: ProviderName, platform: Platform, state: string): RoundTrip {
    const key = this.derivedKeys.oauthAttempt;
    return {
      redirectUri: `${this.config.oauth.publicUrl}${this.#startPath(provider, platform)}/callback`,
      state,
      nonce: derivedFrom(state, 'nonce', key),
      codeVerifier: derivedFrom(state, 'code-verifier', key),
    };
  }

  #startPath(provider: ProviderName, platform: Platform): string {
    return platform === 'mobile' ? `/auth/${provider}/mobile` : `/auth/${provider}`;
  }

  #clientUrl(provider: ProviderName, platform: Platform, outcome: Record<string, string>): string {
    const { webAppUrl, oauth } = this.config;
    const base = platform === 'web' ? `${webAppUrl}/auth/callback` : (oauth.mobileAppLink ?? `${oauth.mobileAppScheme}://auth/callback`);
    const url = new URL(base);
    for (const [name, value] of Object.entries({ provider, ...outcome })) url.searchParams.set(name, value);
    return url.href;
  }
}

/** What the client is told in `error`. Everything else is a failure of ours. */
const REASONS: Record<string, string> = {
  'oauth/refused': 'provider_refused',
  'oauth/provider-unavailable': 'provider_unavailable',
  'oauth/email-not-verified': 'email_not_verified',
  'oauth/other-identity-linked': 'other_account_linked',
};

/** Tells apart the cookies of two attempts in one browser; tells nothing of the state. */
function attemptIdOf(state: string): string {
  return hashOf(`attempt:${state}`).toString('hex').slice(0, 16);
}

function requireChallenge(platform: Platform, codeChallenge: string | undefined): void {
  if (codeChallenge === undefined) {
    if (platform === 'mobile') throw needsChallenge();
  } else if (!isChallenge(codeChallenge)) throw badChallenge();
}
