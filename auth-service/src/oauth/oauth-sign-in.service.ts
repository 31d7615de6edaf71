import { Inject, Injectable } from '@nestjs/common';
import { type Log, LOGGER } from '@chat/shared/observability';
import type { AuthTokens } from '@chat/shared/contracts';
import { AppError } from '@chat/shared/errors';
import type { ClientDetails } from '../client/client-details.js';
import type { SignInAttempt, SignInOrigin } from '../sign-in/sign-in-origin.js';
import { SignInService } from '../sign-in/sign-in.service.js';
import { UsedCodes } from '../sign-in/used-codes.js';
import { IdentitiesService } from './identities.service.js';
import type { OAuthCode } from './oauth-code.entity.js';
import { OAuthCodes } from './oauth-codes.js';
import { OAuthProviders } from './oauth-providers.js';
import { badIdToken, noIdTokens } from './oauth.errors.js';
import { type ProviderIdentity, type ProviderName, PROVIDERS_WITH_ID_TOKENS } from './providers/oauth-provider.js';
import { UsedIdTokens } from './used-id-tokens.js';

/** Signs a user in with what a client has got from a provider: the one-time code of our callback, or an ID token of the provider's SDK. */
@Injectable()
export class OAuthSignInService {
  constructor(
    private readonly providers: OAuthProviders,
    private readonly codes: OAuthCodes,
    private readonly usedCodes: UsedCodes,
    private readonly usedIdTokens: UsedIdTokens,
    private readonly identities: IdentitiesService,
    private readonly signIn: SignInService,
    @Inject(LOGGER) private readonly logger: Log,
  ) {}

  async withCode(code: string, codeVerifier: string | undefined, origin: SignInOrigin): Promise<AuthTokens> {
    const { identity, hash: codeHash } = await this.#useCode(code, codeVerifier, origin.client);
    return this.#complete(identity, { ...origin, codeHash });
  }

  async withIdToken(provider: ProviderName, idToken: string, nonce: string, origin: SignInOrigin): Promise<AuthTokens> {
    if (!PROVIDERS_WITH_ID_TOKENS.includes(provider)) throw noIdTokens();
    const verifier = this.providers.get(provider);
    if (!verifier.verifyIdToken) throw noIdTokens();
    try {
      const identity = await verifier.verifyIdToken(idToken, nonce);
      await this.identities.requireUsable(identity);
      await this.usedIdTokens.use(idToken);
      return await this.#complete(identity, origin);
    } catch (error) {
      const reason = error instanceof AppError ? error.code : undefined;
      if (reason !== 'oauth/bad-id-token' && reason !== 'oauth/email-not-verified') throw error;
      // The log has the reason, the response has none: it could help an attacker.
      this.logger.warn({ provider, error, reason }, 'an ID token was refused');
      throw badIdToken(error);
    }
  }

  async #useCode(code: string, codeVerifier: string | undefined, client: ClientDetails): Promise<OAuthCode> {
    try {
      return await this.codes.use(code, codeVerifier);
    } catch (error) {
      await this.usedCodes.revokeReplayedCodeSessions(code, codeVerifier, client);
      throw error;
    }
  }

  async #complete(identity: ProviderIdentity, attempt: Omit<SignInAttempt, 'method'>): Promise<AuthTokens> {
    const account = await this.identities.accountOf(identity, attempt);
    return this.signIn.complete(account, { ...attempt, method: identity.provider });
  }
}
