import { Injectable } from '@nestjs/common';
import { AuthConfig } from '../config.js';
import { OAuthAttempts } from './oauth-attempts.js';
import { providerNotConfigured } from './oauth.errors.js';
import { FacebookProvider } from './providers/facebook.provider.js';
import { GithubProvider } from './providers/github.provider.js';
import { GoogleProvider } from './providers/google.provider.js';
import { type OAuthProvider, PROVIDER_NAMES, type ProviderName } from './providers/oauth-provider.js';

/** The providers for which this installation has credentials. */
@Injectable()
export class OAuthProviders {
  readonly #configured = new Map<ProviderName, OAuthProvider>();

  constructor({ oauth }: AuthConfig, attempts: OAuthAttempts) {
    const { googleClientId, googleClientSecret, githubClientId, githubClientSecret, facebookClientId, facebookClientSecret } = oauth;
    if (googleClientId && googleClientSecret)
      this.#add(
        new GoogleProvider(
          {
            issuer: oauth.googleIssuer,
            clientId: googleClientId,
            clientSecret: googleClientSecret,
            mobileClientIds: oauth.googleMobileClientIds,
          },
          attempts,
        ),
      );
    if (githubClientId && githubClientSecret)
      this.#add(
        new GithubProvider(
          {
            url: oauth.githubUrl,
            apiUrl: oauth.githubApiUrl,
            clientId: githubClientId,
            clientSecret: githubClientSecret,
          },
          attempts,
        ),
      );
    if (facebookClientId && facebookClientSecret)
      this.#add(
        new FacebookProvider(
          {
            url: oauth.facebookUrl,
            graphUrl: oauth.facebookGraphUrl,
            clientId: facebookClientId,
            clientSecret: facebookClientSecret,
            emailIsVerified: oauth.facebookEmailIsVerified,
          },
          attempts,
        ),
      );
  }

  get names(): ProviderName[] {
    return PROVIDER_NAMES.filter((name) => this.#configured.has(name));
  }

  /** Throws NOT_CONFIGURED. */
  get(name: ProviderName): OAuthProvider {
    const provider = this.#configured.get(name);
    if (!provider) throw providerNotConfigured();
    return provider;
  }

  #add(provider: OAuthProvider): void {
    this.#configured.set(provider.name, provider);
  }
}
