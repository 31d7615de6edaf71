import { Injectable } from '@nestjs/common';
import { AuthConfig } from '../config.js';
import { providerNotConfigured } from './oauth.errors.js';
import { GoogleProvider } from './providers/google.provider.js';
import { type OAuthProvider, PROVIDER_NAMES, type ProviderName } from './providers/oauth-provider.js';

/** The providers that this installation has credentials for. */
@Injectable()
export class OAuthProviders {
  readonly #configured = new Map<ProviderName, OAuthProvider>();

  constructor({ oauth }: AuthConfig) {
    const { googleClientId, googleClientSecret } = oauth;
    if (googleClientId && googleClientSecret)
      this.#add(
        new GoogleProvider({
          issuer: oauth.googleIssuer,
          clientId: googleClientId,
          clientSecret: googleClientSecret,
          mobileClientIds: oauth.googleMobileClientIds,
        }),
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
