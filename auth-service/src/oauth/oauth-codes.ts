import { Injectable } from '@nestjs/common';
import { DataSource, MoreThan } from 'typeorm';
import { IdentitiesService } from './identities.service.js';
import { OAuthCode } from './oauth-code.entity.js';
import { isEmailAddress } from '../accounts/is-email-address.js';
import { badCode } from '../sign-in/sign-in.errors.js';
import { purgeSomeExpired } from '../jobs/purge.js';
import { hashOf, newSecret } from '../secrets/one-time-secrets.js';
import { verifierMatches } from '../secrets/pkce.js';
import type { ProviderIdentity } from './providers/oauth-provider.js';
import { UsedCodes } from '../sign-in/used-codes.js';

const CODE_SECONDS = 60;
const MAX_NAME_LENGTH = 400;

/** One-time codes. A code stands for an identity, for one minute, and only for the client that has the verifier of its challenge. */
@Injectable()
export class OAuthCodes {
  constructor(
    private readonly dataSource: DataSource,
    private readonly identities: IdentitiesService,
    private readonly usedCodes: UsedCodes,
  ) {}

  /** Refuses an identity for which an exchange would find and create no account, so that the client gets the error at once. */
  async issue(identity: ProviderIdentity, codeChallenge: string | null): Promise<string> {
    await this.identities.requireUsable(identity);
    const code = newSecret();
    await this.dataSource.transaction(async (manager) => {
      await purgeSomeExpired(manager, 'oauth_codes', 'hash');
      const expiresAt = new Date(Date.now() + CODE_SECONDS * 1000);
      await manager.getRepository(OAuthCode).insert({ hash: hashOf(code), identity: storable(identity), codeChallenge, expiresAt });
    });
    return code;
  }

  /** A wrong verifier does not use the code up. An attacker with a stolen code can therefore neither use it nor make it useless. */
  async use(code: string, codeVerifier: string | undefined): Promise<OAuthCode> {
    const hash = hashOf(code);
    const codes = this.dataSource.getRepository(OAuthCode);
    const stored = await codes.findOneBy({ hash, expiresAt: MoreThan(new Date()) });
    if (!stored || !verifierMatches(codeVerifier, stored.codeChallenge)) throw badCode();
    await this.dataSource.transaction(async (manager) => {
      // Of two concurrent requests one deletes the row. The other waits here, and then finds the code recorded as used.
      const { affected } = await manager.getRepository(OAuthCode).delete({ hash });
      if (affected !== 1) throw badCode();
      await this.usedCodes.recordUse(manager, hash, stored.codeChallenge);
    });
    return stored;
  }
}

/**
 * Names and addresses come from another system and may contain characters that PostgreSQL does not store. They are removed from names. An
 * address is stored as it is or not at all: without a character it would be the address of another user.
 */
function storable(identity: ProviderIdentity): ProviderIdentity {
  const text = (name: string | null) => name?.slice(0, MAX_NAME_LENGTH).toWellFormed().replaceAll('\0', '') ?? null;
  const { email, firstName, lastName, nickname } = identity;
  return {
    ...identity,
    email: isEmailAddress(email) ? email : null,
    firstName: text(firstName),
    lastName: text(lastName),
    nickname: text(nickname),
  };
}
