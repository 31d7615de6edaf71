import { Injectable } from '@nestjs/common';
import type { AuthenticatedUser } from '@chat/shared/auth';
import type { LinkedAccount } from '@chat/shared/contracts';
import { OutboxRelay } from '@chat/shared/outbox';
import { DataSource, type EntityManager, QueryFailedError } from 'typeorm';
import { normaliseEmail } from '../accounts/account-names.js';
import { Account } from '../accounts/account.entity.js';
import { publishUserRegistered } from '../accounts/accounts.events.js';
import { isEmailAddress } from '../accounts/is-email-address.js';
import { lockAccount } from '../accounts/lock-account.js';
import { AuditLogService } from '../audit-log/audit-log.service.js';
import type { ClientDetails } from '../client/client-details.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { newAccountOf, usernameFor } from './new-account.js';
import { OAuthIdentity } from './oauth-identity.entity.js';
import { emailNotVerified, lastWayIn, notLinked, otherIdentityLinked } from './oauth.errors.js';
import type { ProviderIdentity, ProviderName } from './providers/oauth-provider.js';
import { ReclaimUnverifiedAccount } from './reclaim-unverified-account.js';

const UNIQUE_VIOLATION = '23505';
const TRIES = 5;

/** Which account belongs to whom a provider knows. */
@Injectable()
export class IdentitiesService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly sessions: SessionsService,
    private readonly reclaim: ReclaimUnverifiedAccount,
    private readonly auditLog: AuditLogService,
    private readonly outboxRelay: OutboxRelay,
  ) {}

  /**
   * The account of an identity, by these rules:
   * 1. Provider and subject are known: their account, whatever the addresses say by now.
   * 2. Without an address that the provider vouches for, nothing is found and nothing is made.
   * 3. The address has an account that has shown to own it, too: the identity is linked to it.
   * 4. The address has an account that never showed it, so anybody may have made it: it goes to the owner, without what it was entered with.
   * 5. Nobody has the address: a new account.
   */
  async accountOf(identity: ProviderIdentity, client: ClientDetails): Promise<Account> {
    for (let tried = 1; ; tried += 1) {
      try {
        const { account, afterwards } = await this.dataSource.transaction((manager) => this.#settle(manager, identity, client, tried > 1));
        await afterwards?.();
        return account;
      } catch (error) {
        // Somebody was quicker: with the user name, the address, or this very identity. What is there now decides.
        const isTaken = error instanceof QueryFailedError && error.driverError.code === UNIQUE_VIOLATION;
        if (!isTaken || tried === TRIES) throw error;
      }
    }
  }

  /** Rules 2 and 3 for whom rule 1 does not hold, before anything is done. */
  async requireUsable(identity: ProviderIdentity): Promise<void> {
    const { provider, subject } = identity;
    const identities = this.dataSource.getRepository(OAuthIdentity);
    if (await identities.existsBy({ provider, subject })) return;
    const emailNormalised = normaliseEmail(vouchedEmailOf(identity));
    const account = await this.dataSource.getRepository(Account).findOneBy({ emailNormalised });
    if (!account?.emailVerifiedAt) return;
    const linked = await identities.findOneBy({ provider, userId: account.id });
    if (linked && linked.subject !== subject) throw otherIdentityLinked();
  }

  async list(caller: AuthenticatedUser): Promise<LinkedAccount[]> {
    await this.sessions.requireActive(caller);
    const identities = await this.dataSource
      .getRepository(OAuthIdentity)
      .find({ where: { userId: caller.userId }, order: { linkedAt: 'ASC', provider: 'ASC' } });
    return identities.map(({ provider, email, linkedAt }) => ({ provider, email, linkedAt: linkedAt.toISOString() }));
  }

  /** The account's row is locked, so that two providers cannot be unlinked at once and leave no way in. */
  async unlink(caller: AuthenticatedUser, provider: ProviderName, client: ClientDetails): Promise<void> {
    await this.sessions.requireRecentLogin(caller);
    const { userId } = caller;
    await this.dataSource.transaction(async (manager) => {
      const account = await lockAccount(manager, userId);
      const identities = await manager.getRepository(OAuthIdentity).findBy({ userId });
      if (!identities.some((identity) => identity.provider === provider)) throw notLinked();
      if (!account?.passwordHash && identities.length === 1) throw lastWayIn();
      await manager.getRepository(OAuthIdentity).delete({ userId, provider });
      await this.auditLog.record(manager, { userId, type: 'provider-unlinked', client, details: { provider } });
    });
  }

  async #settle(manager: EntityManager, identity: ProviderIdentity, client: ClientDetails, isNameTaken: boolean): Promise<Settled> {
    const { provider, subject } = identity;
    const known = await manager.getRepository(OAuthIdentity).findOneBy({ provider, subject });
    if (known) return { account: await manager.getRepository(Account).findOneByOrFail({ id: known.userId }) };

    const email = vouchedEmailOf(identity);
    const found = await manager
      .getRepository(Account)
      .findOne({ where: { emailNormalised: normaliseEmail(email) }, lock: { mode: 'for_no_key_update' } });
    if (!found) return this.#register(manager, identity, email, client, isNameTaken);

    const afterwards = found.emailVerifiedAt ? undefined : await this.reclaim.run(manager, found, client, { provider });
    // Addresses are given to others now and then; identities never are. Who has the address now is not who linked theirs.
    const linked = await manager.getRepository(OAuthIdentity).findOneBy({ provider, userId: found.id });
    // Another sign-in of the same person linked it since the first look.
    if (linked?.subject === subject) return { account: found };
    if (linked) throw otherIdentityLinked();
    await this.#link(manager, found, identity);
    await this.auditLog.record(manager, { userId: found.id, type: 'provider-linked', client, details: { provider } });
    // Read again: what the owner was given back is not what was found.
    const account = await manager.getRepository(Account).findOneByOrFail({ id: found.id });
    return { account, ...(afterwards ? { afterwards } : {}) };
  }

  async #register(
    manager: EntityManager,
    identity: ProviderIdentity,
    email: string,
    client: ClientDetails,
    isNameTaken: boolean,
  ): Promise<Settled> {
    const accounts = manager.getRepository(Account);
    const fields = newAccountOf(identity, email, usernameFor(identity, { isTaken: isNameTaken }));
    await accounts.insert(fields);
    const account = await accounts.findOneByOrFail({ id: fields.id });
    await this.#link(manager, account, identity);
    await publishUserRegistered(manager, account);
    const { provider } = identity;
    await this.auditLog.record(manager, { userId: account.id, type: 'registered', client, details: { provider } });
    return { account, afterwards: () => this.outboxRelay.wake() };
  }

  async #link(manager: EntityManager, account: Account, { provider, subject, email }: ProviderIdentity): Promise<void> {
    await manager.getRepository(OAuthIdentity).insert({ provider, subject, userId: account.id, email, linkedAt: new Date() });
  }
}

interface Settled {
  account: Account;
  /** Once it is committed. */
  afterwards?: () => void | Promise<void>;
}

function vouchedEmailOf({ email, emailVerified }: ProviderIdentity): string {
  if (!emailVerified || !isEmailAddress(email)) throw emailNotVerified();
  return email;
}
