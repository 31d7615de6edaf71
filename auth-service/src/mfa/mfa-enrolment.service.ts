import { Injectable } from '@nestjs/common';
import type { AuthenticatedUser } from '@chat/shared/auth';
import type { TotpSetup } from '@chat/shared/contracts';
import { DataSource, type EntityManager } from 'typeorm';
import { Account } from '../accounts/account.entity.js';
import { accountNotFound } from '../accounts/accounts.errors.js';
import { AuditLogService } from '../audit-log/audit-log.service.js';
import type { ClientDetails } from '../client/client-details.js';
import { AuthConfig } from '../config.js';
import { SecurityNotices } from '../mail/security-notices.js';
import { DerivedKeys } from '../secrets/derived-keys.js';
import { encrypt } from '../secrets/encryption.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { mfaAlreadyEnabled, mfaIsRequired, mfaNotEnabled, noEnrolmentToConfirm, tooManyWrongCodes, wrongCode } from './mfa.errors.js';
import { type CodeCheck, MfaService } from './mfa.service.js';
import { RecoveryCode } from './recovery-code.entity.js';
import { hashOfRecoveryCode, newRecoveryCode, RECOVERY_CODES } from './recovery-codes.js';
import { TotpSecret } from './totp-secret.entity.js';
import { newTotpSecret, otpauthUrlOf, toBase32 } from './totp.js';

const ENROLMENT_LIFETIME_MS = 15 * 60_000;

/** Enables and disables the second factor of an account. */
@Injectable()
export class MfaEnrolmentService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly config: AuthConfig,
    private readonly derivedKeys: DerivedKeys,
    private readonly sessions: SessionsService,
    private readonly mfa: MfaService,
    private readonly auditLog: AuditLogService,
    private readonly notices: SecurityNotices,
  ) {}

  /** Returns a new secret, which is in use after `confirm`. It replaces an earlier one that was not confirmed. Requires a recent login. */
  async start(user: AuthenticatedUser): Promise<TotpSetup> {
    await this.sessions.requireRecentLogin(user);
    const secret = newTotpSecret();
    const account = await this.dataSource.transaction(async (manager) => {
      const locked = await this.#lock(manager, user);
      if (locked.totpEnabledAt !== null) throw mfaAlreadyEnabled();
      const encryptedSecret = encrypt(secret, this.derivedKeys.totpSecretEncryption, locked.id);
      // The count of wrong codes is kept: starting again gives no additional attempts.
      await manager
        .getRepository(TotpSecret)
        .upsert({ userId: locked.id, encryptedSecret, createdAt: new Date(), lastUsedStep: 0 }, ['userId']);
      return locked;
    });
    return { secret: toBase32(secret), otpauthUrl: otpauthUrlOf(secret, { issuer: this.config.totpIssuer, account: account.email }) };
  }

  /**
   * Enables the second factor with a code of the app, which is used by this, and returns the recovery codes, which cannot be retrieved
   * again. It needs no recent login: the code proves knowledge of the secret, which only `start` returns, and an enrolment is valid for 15
   * minutes.
   */
  async confirm(user: AuthenticatedUser, code: string, client: ClientDetails): Promise<string[]> {
    await this.sessions.requireActive(user);
    const recoveryCodes = Array.from({ length: RECOVERY_CODES }, newRecoveryCode);
    const check = await this.dataSource.transaction(async (manager) => {
      const account = await this.#lock(manager, user);
      if (account.totpEnabledAt !== null) throw mfaAlreadyEnabled();
      const setup = await manager.getRepository(TotpSecret).findOneBy({ userId: account.id });
      if (!setup || setup.createdAt.getTime() < Date.now() - ENROLMENT_LIFETIME_MS) throw noEnrolmentToConfirm();
      const result = await this.mfa.check(manager, account, code, client);
      if (result.outcome === 'valid') {
        const codes = recoveryCodes.map((recoveryCode) => ({ userId: account.id, hash: hashOfRecoveryCode(recoveryCode)! }));
        await manager.getRepository(RecoveryCode).insert(codes);
        await manager.getRepository(Account).update(account.id, { totpEnabledAt: new Date() });
        await this.auditLog.record(manager, { userId: account.id, type: 'totp-enabled', client, sessionId: user.sessionId });
        await this.notices.add(manager, 'second-factor-on', account, client);
      }
      return result;
    });
    refuseUnlessValid(check);
    this.notices.sendSoon();
    return recoveryCodes;
  }

  /** Disables the second factor with a code of the app or a recovery code, unless this installation requires MFA. */
  async disable(user: AuthenticatedUser, code: string, client: ClientDetails): Promise<void> {
    await this.sessions.requireActive(user);
    if (this.config.requireSecondFactor) throw mfaIsRequired();
    const check = await this.dataSource.transaction(async (manager) => {
      const account = await this.#lock(manager, user);
      if (account.totpEnabledAt === null) throw mfaNotEnabled();
      const result = await this.mfa.check(manager, account, code, client);
      if (result.outcome === 'valid') {
        await manager.getRepository(Account).update(account.id, { totpEnabledAt: null });
        await manager.getRepository(TotpSecret).delete({ userId: account.id });
        await manager.getRepository(RecoveryCode).delete({ userId: account.id });
        await this.auditLog.record(manager, { userId: account.id, type: 'totp-disabled', client, sessionId: user.sessionId });
        await this.notices.add(manager, 'second-factor-off', account, client);
      }
      return result;
    });
    refuseUnlessValid(check);
    this.notices.sendSoon();
  }

  async #lock(manager: EntityManager, { userId }: AuthenticatedUser): Promise<Account> {
    const account = await this.mfa.lock(manager, userId);
    if (!account) throw accountNotFound();
    return account;
  }
}

/** After the commit, so that a wrong code stays counted. */
function refuseUnlessValid(check: CodeCheck): void {
  if (check.outcome === 'throttled') throw tooManyWrongCodes(check.retryAfterSeconds);
  if (check.outcome === 'wrong') throw wrongCode();
}
