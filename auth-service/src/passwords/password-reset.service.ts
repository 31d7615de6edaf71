import { Injectable } from '@nestjs/common';
import type { ResetPasswordRequest } from '@chat/shared/contracts';
import { DataSource } from 'typeorm';
import { Account } from '../accounts/account.entity.js';
import { lockAccount } from '../accounts/lock-account.js';
import { AuditLogService } from '../audit-log/audit-log.service.js';
import type { ClientDetails } from '../client/client-details.js';
import { KnownDevicesService } from '../client/known-devices.service.js';
import { MailRateLimit } from '../mail/mail-rate-limit.js';
import { MailRequests } from '../mail/mail-requests.js';
import { MailTokens } from '../mail/mail-tokens.js';
import { badMailToken } from '../mail/mail.errors.js';
import { SecurityNotices } from '../mail/security-notices.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { PasswordsService } from './passwords.service.js';

/** Sets a new password with the token of a mail to the address of the account. */
@Injectable()
export class PasswordResetService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly passwords: PasswordsService,
    private readonly sessions: SessionsService,
    private readonly knownDevices: KnownDevicesService,
    private readonly mailRequests: MailRequests,
    private readonly mailTokens: MailTokens,
    private readonly notices: SecurityNotices,
    private readonly rateLimit: MailRateLimit,
    private readonly auditLog: AuditLogService,
  ) {}

  /**
   * Revokes every session and removes every known device. It creates no session: the user signs in with the new password and, if enabled,
   * the second factor. The token also proves that the address belongs to the user.
   */
  async reset({ token, newPassword }: ResetPasswordRequest, client: ClientDetails): Promise<void> {
    // This first check avoids hashing for an invalid token. The redemption below decides.
    const userId = await this.mailTokens.ownerOf(this.dataSource.manager, 'reset-password', token);
    const account = userId && (await this.dataSource.getRepository(Account).findOneBy({ id: userId }));
    if (!account) throw badMailToken();
    const passwordHash = await this.passwords.hash(newPassword, account, client);
    const revoked = await this.dataSource.transaction(async (manager) => {
      // The order of the locks, see lockAccount. For an invalid token, everything is rolled back.
      await lockAccount(manager, account.id);
      await this.mailRequests.cancel(manager, 'reset-password', account.emailNormalised);
      await this.notices.add(manager, 'password-reset', account, client);
      if ((await this.mailTokens.redeem(manager, 'reset-password', token)) !== account.id) throw badMailToken();
      await this.mailTokens.discard(manager, account.id);
      await manager.query(
        'update accounts set password_hash = $2, email_verified_at = coalesce(email_verified_at, clock_timestamp()) where id = $1',
        [account.id, passwordHash],
      );
      await this.auditLog.record(manager, { userId: account.id, type: 'password-reset', client });
      const revoked = await this.sessions.revokeAll(manager, account.id);
      await this.knownDevices.removeAll(manager, account.id);
      return revoked;
    });
    await this.rateLimit.reset(account.emailNormalised);
    this.notices.sendSoon();
    await this.sessions.publishRevocations(revoked);
  }
}
