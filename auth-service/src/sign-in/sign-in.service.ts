import { Injectable } from '@nestjs/common';
import type { AuthTokens } from '@chat/shared/contracts';
import { DataSource } from 'typeorm';
import type { Account } from '../accounts/account.entity.js';
import { SecurityEventsService } from '../security-events/security-events.service.js';
import type { ClientDetails } from '../sessions/client-details.js';
import { SessionsService } from '../sessions/sessions.service.js';

/** How somebody has shown who they are. */
export type SignInMethod = 'password' | 'google' | 'github' | 'facebook';

/**
 * The one way from "this is the owner of the account" to a session, whatever showed it: password, OAuth provider, ID token.
 * What holds for every sign-in (a second factor, the log, the notice of a new device) is here, so that no way in goes round it.
 */
@Injectable()
export class SignInService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly sessions: SessionsService,
    private readonly securityEvents: SecurityEventsService,
  ) {}

  /** Opens a session for the account. */
  async complete(account: Account, method: SignInMethod, client: ClientDetails): Promise<AuthTokens> {
    return this.dataSource.transaction(async (manager) => {
      const tokens = await this.sessions.open(manager, account, client);
      await this.securityEvents.record(manager, { userId: account.id, type: 'signed-in', client, details: { method } });
      return tokens;
    });
  }
}
