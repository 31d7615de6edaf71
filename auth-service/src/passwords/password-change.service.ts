import { Injectable } from '@nestjs/common';
import type { AuthenticatedUser } from '@chat/shared/auth';
import type { ChangePasswordRequest } from '@chat/shared/contracts';
import { DataSource } from 'typeorm';
import { Account } from '../accounts/account.entity.js';
import { lockAccount } from '../accounts/lock-account.js';
import { AuditLogService } from '../audit-log/audit-log.service.js';
import type { ClientDetails } from '../client/client-details.js';
import { LoginThrottle } from '../login-throttle/login-throttle.js';
import { throttleKeysForSession } from '../login-throttle/throttle-keys.js';
import { MailTokens } from '../mail/mail-tokens.js';
import { SecurityNotices } from '../mail/security-notices.js';
import { sessionRevoked } from '../sessions/sessions.errors.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { wrongCurrentPassword } from './passwords.errors.js';
import { PasswordsService } from './passwords.service.js';

@Injectable()
export class PasswordChangeService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly passwords: PasswordsService,
    private readonly throttle: LoginThrottle,
    private readonly sessions: SessionsService,
    private readonly mailTokens: MailTokens,
    private readonly notices: SecurityNotices,
    private readonly auditLog: AuditLogService,
  ) {}

  /** Replaces the password after checking the current one. Every other session is revoked: an attacker may have used a stolen password. */
  async change(user: AuthenticatedUser, { currentPassword, newPassword }: ChangePasswordRequest, client: ClientDetails): Promise<void> {
    await this.sessions.requireActive(user);
    const { userId, sessionId } = user;
    const account = await this.dataSource.getRepository(Account).findOneBy({ id: userId });
    if (!account) throw sessionRevoked();
    const check = () => this.passwords.matches(currentPassword, account.passwordHash, client);
    if (!(await this.throttle.run(throttleKeysForSession(sessionId), check))) throw wrongCurrentPassword();
    const passwordHash = await this.passwords.hash(newPassword, account, client);
    const revoked = await this.dataSource.transaction(async (manager) => {
      await lockAccount(manager, userId);
      await this.notices.add(manager, 'password-changed', account, client);
      // Of two concurrent changes, the second one finds that its current password is outdated; so does a change whose session was revoked.
      const stillFits = { id: userId, passwordHash: account.passwordHash!, sessionsEpoch: account.sessionsEpoch };
      const { affected } = await manager.getRepository(Account).update(stillFits, { passwordHash });
      if (affected !== 1) throw wrongCurrentPassword();
      // A link for a new password that was requested before must not undo this change.
      await this.mailTokens.discard(manager, userId, 'reset-password');
      await this.auditLog.record(manager, { userId, type: 'password-changed', client, sessionId });
      return this.sessions.revokeAll(manager, userId, { except: sessionId });
    });
    this.notices.sendSoon();
    await this.sessions.publishRevocations(revoked);
  }
}
