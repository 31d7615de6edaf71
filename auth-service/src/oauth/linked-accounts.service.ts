import { Injectable } from '@nestjs/common';
import type { AuthenticatedUser } from '@chat/shared/auth';
import type { LinkedAccount } from '@chat/shared/contracts';
import { DataSource } from 'typeorm';
import { lockAccount } from '../accounts/lock-account.js';
import { AuditLogService } from '../audit-log/audit-log.service.js';
import type { ClientDetails } from '../client/client-details.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { OAuthIdentity } from './oauth-identity.entity.js';
import { notLinked, onlySignInMethod } from './oauth.errors.js';
import type { ProviderName } from './providers/oauth-provider.js';

/** The providers that the current user can sign in with. */
@Injectable()
export class LinkedAccountsService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly sessions: SessionsService,
    private readonly auditLog: AuditLogService,
  ) {}

  async list(user: AuthenticatedUser): Promise<LinkedAccount[]> {
    await this.sessions.requireActive(user);
    const identities = await this.dataSource
      .getRepository(OAuthIdentity)
      .find({ where: { userId: user.userId }, order: { linkedAt: 'ASC', provider: 'ASC' } });
    return identities.map(({ provider, email, linkedAt }) => ({ provider, email, linkedAt: linkedAt.toISOString() }));
  }

  /** Locks the account's row. Otherwise two concurrent requests could unlink both providers and leave no way to sign in. */
  async unlink(user: AuthenticatedUser, provider: ProviderName, client: ClientDetails): Promise<void> {
    await this.sessions.requireRecentLogin(user);
    const { userId } = user;
    await this.dataSource.transaction(async (manager) => {
      const account = await lockAccount(manager, userId);
      const identities = await manager.getRepository(OAuthIdentity).findBy({ userId });
      if (!identities.some((identity) => identity.provider === provider)) throw notLinked();
      if (!account?.passwordHash && identities.length === 1) throw onlySignInMethod();
      await manager.getRepository(OAuthIdentity).delete({ userId, provider });
      await this.auditLog.record(manager, { userId, type: 'provider-unlinked', client, details: { provider } });
    });
  }
}
