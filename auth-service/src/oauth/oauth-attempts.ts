import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { purgeSomeExpired } from '../jobs/purge.js';
import { DerivedKeys } from '../secrets/derived-keys.js';
import { decrypt, encrypt } from '../secrets/encryption.js';
import { derivedFrom, hashOf, newSecret } from '../secrets/one-time-secrets.js';
import { OAuthAttempt } from './oauth-attempt.entity.js';
import { unknownAttempt } from './oauth.errors.js';
import type { Callback, NewAttempt } from './providers/oauth-provider.js';

/** How long a user may take at the provider. */
export const ATTEMPT_SECONDS = 600;

/** Only they can use the attempt. */
type AttemptOwner = Pick<Callback, 'provider' | 'platform' | 'browserSecret' | 'state'>;

export interface UsedAttempt {
  nonce: string;
  codeVerifier: string;
  codeChallenge: string | null;
}

/**
 * The sign-ins that are under way, and the state store of the strategies (`store` of passport-oauth2). A state is good for one callback,
 * for ten minutes, at the callback of its provider and platform, in the browser that has the secret. The database knows state and browser
 * secret by their hashes only. Nonce and the key of the PKCE verifier are derived from the state and AUTH_SECRET, so that a copy of the
 * database is of no use to finish a sign-in.
 */
@Injectable()
export class OAuthAttempts {
  readonly #key: Buffer;

  constructor(
    private readonly dataSource: DataSource,
    derivedKeys: DerivedKeys,
  ) {
    this.#key = derivedKeys.oauthAttempt;
  }

  create(fields: Pick<NewAttempt, 'provider' | 'platform' | 'redirectUri' | 'codeChallenge'>): NewAttempt {
    const state = newSecret();
    return { ...fields, state, nonce: this.#nonceOf(state), browserSecret: newSecret() };
  }

  /** For passport-oauth2, which calls it before it redirects, and puts the state that it gets into the address. */
  async store(
    _request: unknown,
    codeVerifier: string,
    attempt: NewAttempt,
    _meta: unknown,
    done: (error: unknown, state?: string) => void,
  ): Promise<void> {
    try {
      await this.#insert(attempt, codeVerifier);
      done(null, attempt.state);
    } catch (error) {
      done(error);
    }
  }

  /** For passport-oauth2, which calls it before it sends the code and the verifier to the provider. */
  async verify(
    callback: AttemptOwner,
    state: string,
    _meta: unknown,
    done: (error: unknown, codeVerifier?: string, attempt?: UsedAttempt) => void,
  ): Promise<void> {
    try {
      const attempt = await this.use({ ...callback, state });
      done(null, attempt.codeVerifier, attempt);
    } catch (error) {
      done(error);
    }
  }

  /** One statement, so that of two callbacks with the same state only one finds the attempt. */
  async use({ provider, platform, browserSecret, state }: AttemptOwner): Promise<UsedAttempt> {
    if (browserSecret === undefined) throw unknownAttempt();
    const result = await this.dataSource
      .createQueryBuilder()
      .delete()
      .from(OAuthAttempt)
      .where({ stateHash: hashOf(state), browserHash: hashOf(browserSecret), provider, platform })
      .andWhere('expires_at > now()')
      .returning(['codeChallenge', 'encryptedVerifier'])
      .execute();
    const [row] = result.raw as { code_challenge: string | null; encrypted_verifier: Buffer }[];
    if (!row) throw unknownAttempt();
    const codeVerifier = decrypt(row.encrypted_verifier, this.#verifierKeyOf(state), provider).toString();
    return { nonce: this.#nonceOf(state), codeVerifier, codeChallenge: row.code_challenge };
  }

  async #insert({ state, browserSecret, provider, platform, codeChallenge }: NewAttempt, codeVerifier: string): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      await purgeSomeExpired(manager, 'oauth_attempts', 'state_hash');
      await manager.getRepository(OAuthAttempt).insert({
        stateHash: hashOf(state),
        browserHash: hashOf(browserSecret),
        provider,
        platform,
        codeChallenge,
        encryptedVerifier: encrypt(Buffer.from(codeVerifier), this.#verifierKeyOf(state), provider),
        expiresAt: new Date(Date.now() + ATTEMPT_SECONDS * 1000),
      });
    });
  }

  #nonceOf(state: string): string {
    return derivedFrom(state, 'nonce', this.#key).toString('base64url');
  }

  #verifierKeyOf(state: string): Buffer {
    return derivedFrom(state, 'code-verifier', this.#key);
  }
}

/** Distinguishes the cookies of two attempts in one browser. The state does not follow from it. */
export function attemptIdOf(state: string): string {
  return hashOf(`attempt:${state}`).toString('hex').slice(0, 16);
}
