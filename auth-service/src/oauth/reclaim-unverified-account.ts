import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Account } from '../accounts/account.entity.js';
import { AuditLogService } from '../audit-log/audit-log.service.js';
import type { ClientDetails } from '../client/client-details.js';
import { SessionsService } from '../sessions/sessions.service.js';

/** The tables with the credentials of an account. */
const CREDENTIAL_TABLES = ['oauth_identities', 'totp_secrets', 'recovery_codes', 'sign_in_challenges', 'known_devices', 'mail_tokens'];

/**
 * Gives an account to the owner of its e-mail address. It was registered with an address that was never verified, perhaps by an attacker
 * who waits for the owner to use it. All its credentials are deleted and all its sessions are revoked, everywhere within a second.
 */
@Injectable()
export class ReclaimUnverifiedAccount {
  constructor(
    private readonly sessions: SessionsService,
    private readonly auditLog: AuditLogService,
  ) {}

  /** Runs in the given transaction, which has locked the account's row. Call the returned function after the commit. */
  async run(
    manager: EntityManager,
    { id: userId }: Account,
    client: ClientDetails,
    details: Record<string, string>,
  ): Promise<() => Promise<void>> {
    await manager.getRepository(Account).update(userId, { passwordHash: null, totpEnabledAt: null, emailVerifiedAt: new Date() });
    for (const table of CREDENTIAL_TABLES) await manager.query(`delete from ${table} where user_id = $1`, [userId]);
    await this.auditLog.record(manager, { userId, type: 'account-taken-back', client, details });
    const revoked = await this.sessions.revokeAll(manager, userId);
    // Otherwise the address and user agent of the former sessions would count as known to the account.
    await manager.query('update sessions set user_agent = null, ip_address = null where user_id = $1', [userId]);
    return () => this.sessions.publishRevocations(revoked);
  }
}
