import { Injectable } from '@nestjs/common';
import { OutboxRelay } from '@chat/shared/outbox';
import { DataSource, type EntityManager, QueryFailedError } from 'typeorm';
import { emailAsTyped, normaliseEmail } from '../accounts/account-names.js';
import { Account } from '../accounts/account.entity.js';
import { publishUserRegistered } from '../accounts/accounts.events.js';
import { AuditLogService } from '../audit-log/audit-log.service.js';
import type { ClientDetails } from '../client/client-details.js';
import { SessionsService } from '../sessions/sessions.service.js';
import type { SignInOrigin } from '../sign-in/sign-in-origin.js';
import { newAccountOf, usernameFor } from './new-account.js';
import { OAuthIdentity } from './oauth-identity.entity.js';
import { emailNotVerified, otherIdentityLinked, signInFirst } from './oauth.errors.js';
import type { ProviderIdentity } from './providers/oauth-provider.js';
import { ReclaimUnverifiedAccount } from './reclaim-unverified-account.js';

const UNIQUE_VIOLATION = '23505';
const MAX_ATTEMPTS = 5;

/** Finds, links and creates the accounts of users of a provider. */
@Injectable()
export class IdentitiesService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly reclaim: ReclaimUnverifiedAccount,
    private readonly sessions: SessionsService,
    private readonly auditLog: AuditLogService,
    private readonly outboxRelay: OutboxRelay,
  ) {}

  /**
   * The account of an identity, by these rules:
   * 1. Provider and subject are linked to an account: that account, whatever the addresses are now.
   * 2. The provider does not state that the address is verified: no account is found or created.
   * 3. No account has the address: a new account.
   * 4. An account has the address, but the provider is no authority for it: linked only if the user has just signed in to the account.
   * 5. An account has the address and has verified it: the identity is linked to the account.
   * 6. An account has the address but never verified it, so an attacker may have registered it: it is reclaimed for the owner, then linked.
   */
  async accountOf(identity: ProviderIdentity, origin: SignInOrigin): Promise<Account> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const { account, afterCommit } = await this.dataSource.transaction((manager) =>
          this.#findOrCreate(manager, identity, origin, attempt > 1),
        );
        await afterCommit?.();
        return account;
      } catch (error) {
        // A concurrent request took the username, the address or this identity. The rules apply to the new state.
        const isTaken = error instanceof QueryFailedError && error.driverError.code === UNIQUE_VIOLATION;
        if (!isTaken || attempt === MAX_ATTEMPTS) throw error;
      }
    }
  }

  /** Throws for an identity that `accountOf` would refuse, whichever user is signed in. Changes nothing. */
  async requireUsable(identity: ProviderIdentity): Promise<void> {
    const { provider, subject } = identity;
    const identities = this.dataSource.getRepository(OAuthIdentity);
    if (await identities.existsBy({ provider, subject })) return;
    const emailNormalised = normaliseEmail(verifiedEmailOf(identity));
    const account = await this.dataSource.getRepository(Account).findOneBy({ emailNormalised });
    if (!account?.emailVerifiedAt) return;
    const linked = await identities.findOneBy({ provider, userId: account.id });
    if (linked && linked.subject !== subject) throw otherIdentityLinked();
  }

  async #findOrCreate(
    manager: EntityManager,
    identity: ProviderIdentity,
    { client, presented }: SignInOrigin,
    isNameTaken: boolean,
  ): Promise<FoundAccount> {
    const { provider, subject, isEmailAuthority } = identity;
    const known = await manager.getRepository(OAuthIdentity).findOneBy({ provider, subject });
    if (known) return { account: await manager.getRepository(Account).findOneByOrFail({ id: known.userId }) };

    const email = verifiedEmailOf(identity);
    const found = await manager
      .getRepository(Account)
      .findOne({ where: { emailNormalised: normaliseEmail(email) }, lock: { mode: 'for_no_key_update' } });
    if (!found) return this.#register(manager, identity, email, client, isNameTaken);

    // A concurrent sign-in of the same user has created the account or linked it.
    const linkedMeanwhile = await manager.getRepository(OAuthIdentity).existsBy({ provider, subject, userId: found.id });
    if (linkedMeanwhile) return { account: found };

    if (!isEmailAuthority) {
      if (presented?.userId !== found.id) throw signInFirst();
      await this.sessions.requireRecentLogin(presented, manager);
    }
    const isReclaimed = isEmailAuthority && !found.emailVerifiedAt;
    const afterCommit = isReclaimed ? await this.reclaim.run(manager, found, client, { provider }) : undefined;
    // Providers reassign addresses, but never subjects. The present owner of the address need not be the user that linked the account.
    const linked = await manager.getRepository(OAuthIdentity).findOneBy({ provider, userId: found.id });
    if (linked) throw otherIdentityLinked();
    await this.#link(manager, found, identity);
    await this.auditLog.record(manager, { userId: found.id, type: 'provider-linked', client, details: { provider } });
    // Reclaiming has changed the row.
    const account = await manager.getRepository(Account).findOneByOrFail({ id: found.id });
    return { account, ...(afterCommit ? { afterCommit } : {}) };
  }

  async #register(
    manager: EntityManager,
    identity: ProviderIdentity,
    email: string,
    client: ClientDetails,
    isNameTaken: boolean,
  ): Promise<FoundAccount> {
    const accounts = manager.getRepository(Account);
    const fields = newAccountOf(identity, email, usernameFor(identity, { isTaken: isNameTaken }));
    await accounts.insert(fields);
    const account = await accounts.findOneByOrFail({ id: fields.id });
    await this.#link(manager, account, identity);
    await publishUserRegistered(manager, account);
    const { provider } = identity;
    await this.auditLog.record(manager, { userId: account.id, type: 'registered', client, details: { provider } });
    return { account, afterCommit: () => this.outboxRelay.wake() };
  }

  async #link(manager: EntityManager, account: Account, { provider, subject, email }: ProviderIdentity): Promise<void> {
    await manager.getRepository(OAuthIdentity).insert({ provider, subject, userId: account.id, email, linkedAt: new Date() });
  }
}

interface FoundAccount {
  account: Account;
  afterCommit?: () => void | Promise<void>;
}

function verifiedEmailOf({ email, emailVerified }: ProviderIdentity): string {
  const address = email === null ? null : emailAsTyped(email);
  if (!emailVerified || address === null) throw emailNotVerified();
  return address;
}
