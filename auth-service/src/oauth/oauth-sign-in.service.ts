import { Inject, Injectable } from '@nestjs/common';
import { type Log, LOGGER } from '@chat/shared/observability';
import type { AuthTokens } from '@chat/shared/contracts';
import { AppError } from '@chat/shared/errors';
import { decodeJwt } from 'jose';
import { DataSource } from 'typeorm';
import type { ClientDetails } from '../client/client-details.js';
import { purgeSomeExpired } from '../jobs/purge.js';
import { hashOf } from '../secrets/one-time-secrets.js';
import type { SignInAttempt, SignInOrigin } from '../sign-in/sign-in-origin.js';
import { SignInService } from '../sign-in/sign-in.service.js';
import { UsedCodes } from '../sign-in/used-codes.js';
import { IdentitiesService } from './identities.service.js';
import type { OAuthCode } from './oauth-code.entity.js';
import { OAuthCodes } from './oauth-codes.js';
import { OAuthProviders } from './oauth-providers.js';
import { badIdToken, noIdTokens } from './oauth.errors.js';
import { type ProviderIdentity, type ProviderName, PROVIDERS_WITH_ID_TOKENS } from './providers/oauth-provider.js';

/** The two ways in which a client shows who somebody is at a provider: the code of our callback, and an ID token of the provider's. */
@Injectable()
export class OAuthSignInService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly providers: OAuthProviders,
    private readonly codes: OAuthCodes,
    private readonly usedCodes: UsedCodes,
    private readonly identities: IdentitiesService,
    private readonly signIn: SignInService,
    @Inject(LOGGER) private readonly logger: Log,
  ) {}

  async withCode(code: string, codeVerifier: string | undefined, origin: SignInOrigin): Promise<AuthTokens> {
    const { identity, hash: codeHash } = await this.#use(code, codeVerifier, origin.client);
    return this.#enter(identity, { ...origin, codeHash });
  }

  /** A token works once here, however long it lives: one that leaked is of no use to whoever finds it later. */
  async withIdToken(provider: ProviderName, idToken: string, nonce: string, origin: SignInOrigin): Promise<AuthTokens> {
    if (!PROVIDERS_WITH_ID_TOKENS.includes(provider)) throw noIdTokens();
    const verifier = this.providers.get(provider);
    if (!verifier.verifyIdToken) throw noIdTokens();
    try {
      const identity = await verifier.verifyIdToken(idToken, nonce);
      await this.identities.requireUsable(identity);
      await this.#useUp(idToken);
      return await this.#enter(identity, origin);
    } catch (error) {
      const reason = error instanceof AppError ? error.code : undefined;
      if (reason !== 'oauth/bad-id-token' && reason !== 'oauth/email-not-verified') throw error;
      // The log has the reason; who sent the token gets none.
      this.logger.warn({ provider, error, reason }, 'an ID token was refused');
      throw badIdToken(error);
    }
  }

  async #use(code: string, codeVerifier: string | undefined, client: ClientDetails): Promise<OAuthCode> {
    try {
      return await this.codes.use(code, codeVerifier);
    } catch (error) {
      await this.usedCodes.revokeReplayedCodeSessions(code, codeVerifier, client);
      throw error;
    }
  }

  async #enter(identity: ProviderIdentity, attempt: Omit<SignInAttempt, 'method'>): Promise<AuthTokens> {
    const account = await this.identities.accountOf(identity, attempt.client);
    return this.signIn.complete(account, { ...attempt, method: identity.provider });
  }

  async #useUp(idToken: string): Promise<void> {
    const expiresAt = new Date((decodeJwt(idToken).exp! + 60) * 1000);
    await this.dataSource.transaction(async (manager) => {
      await purgeSomeExpired(manager, 'oauth_used_id_tokens', 'hash');
      const rows: unknown[] = await manager.query(
        'insert into oauth_used_id_tokens (hash, expires_at) values ($1, $2) on conflict do nothing returning 1',
        [hashOf(signedPartOf(idToken)), expiresAt],
      );
      if (rows.length === 0) throw badIdToken(new Error('the token was used before'));
    });
  }
}

/** Without the signature, which can be written in several ways that all hold; nothing in the rest can be. */
function signedPartOf(jwt: string): string {
  return jwt.slice(0, jwt.lastIndexOf('.'));
}
