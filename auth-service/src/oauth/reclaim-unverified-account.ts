import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Account } from '../accounts/account.entity.js';
import { AuditLogService } from '../audit-log/audit-log.service.js';
import type { ClientDetails } from '../client/client-details.js';
import { SessionsService } from '../sessions/sessions.service.js';

/** What belongs to whoever was in the account so far. */
const ENTERED_WITH = ['oauth_identities', 'totp_secrets', 'recovery_codes', 'sign_in_challenges', 'known_devices', 'mail_tokens'];

/**
 * Gives an account to the owner of its address. Somebody made it with that address and never showed to own it, perhaps to wait in it for the
 * owner: whatever they could enter it with goes, and they are out everywhere within a second.
 */
@Injectable()
export class ReclaimUnverifiedAccount {
  constructor(
    private readonly sessions: SessionsService,
    private readonly auditLog: AuditLogService,
  ) {}

  /** In the caller's transaction, which holds the account's row. To be called once it is committed: what it returns. */
  async run(
    manager: EntityManager,
    { id: userId }: Account,
    client: ClientDetails,
    details: Record<string, string>,
  ): Promise<() => Promise<void>> {
    await manager.getRepository(Account).update(userId, { passwordHash: null, totpEnabledAt: null, emailVerifiedAt: new Date() });
    for (const table of ENTERED_WITH) await manager.query(`delete from ${table} where user_id = $1`, [userId]);
    await this.auditLog.record(manager, { userId, type: 'account-taken-back', client, details });
    const ended = await this.sessions.revokeAll(manager, userId);
    // Else the place of whoever was thrown out would stay one that the account knows.
    await manager.query('update sessions set user_agent = null, ip_address = null where user_id = $1', [userId]);
    return () => this.sessions.publishRevocations(ended);
  }
}
