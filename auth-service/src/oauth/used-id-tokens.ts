import { Injectable } from '@nestjs/common';
import { decodeJwt } from 'jose';
import { DataSource } from 'typeorm';
import { purgeSomeExpired } from '../jobs/purge.js';
import { hashOf } from '../secrets/one-time-secrets.js';
import { badIdToken } from './oauth.errors.js';

/** Longer than the clock tolerance with which a token is verified. */
const KEPT_AFTER_EXPIRY_SECONDS = 60;

/** Makes each ID token of a native app good for one sign-in, so that a leaked token is of no use while it is still valid. */
@Injectable()
export class UsedIdTokens {
  constructor(private readonly dataSource: DataSource) {}

  /** `idToken` has been verified. Throws `badIdToken` if it was used before. */
  async use(idToken: string): Promise<void> {
    const expiresAt = new Date((decodeJwt(idToken).exp! + KEPT_AFTER_EXPIRY_SECONDS) * 1000);
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

/** Without the signature: one signature has several valid spellings, the signed part has only one. */
function signedPartOf(jwt: string): string {
  return jwt.slice(0, jwt.lastIndexOf('.'));
}
