import { Injectable } from '@nestjs/common';
import { canonicalCode } from '@chat/shared/http';
import type { EntityManager } from 'typeorm';
import { Account } from '../accounts/account.entity.js';
import { lockAccount } from '../accounts/lock-account.js';
import { AuditLogService } from '../audit-log/audit-log.service.js';
import type { ClientDetails } from '../client/client-details.js';
import { AuthConfig } from '../config.js';
import { DerivedKeys } from '../secrets/derived-keys.js';
import { decrypt } from '../secrets/encryption.js';
import { RecoveryCode } from './recovery-code.entity.js';
import { hashOfRecoveryCode } from './recovery-codes.js';
import { totpBackoffMs } from './totp-backoff.js';
import { TotpSecret } from './totp-secret.entity.js';
import { stepOfCode } from './totp.js';

/** `throttled`: the code was not checked, and none will be before `retryAfterSeconds`. */
export type CodeCheck = { outcome: 'valid' | 'wrong' } | { outcome: 'throttled'; retryAfterSeconds: number };

/**
 * Checks the codes of the second factor. Call `lock` first, so that codes of one account are checked one after the other: of two concurrent
 * requests with the same code, one finds it used, and concurrent requests give no additional attempts.
 */
@Injectable()
export class MfaService {
  constructor(
    private readonly config: AuthConfig,
    private readonly derivedKeys: DerivedKeys,
    private readonly auditLog: AuditLogService,
  ) {}

  /** In the transaction that will create a session: the result stays true until that transaction ends. */
  async isEnabled(manager: EntityManager, userId: string): Promise<boolean> {
    const account = await manager.getRepository(Account).findOne({ where: { id: userId }, lock: { mode: 'pessimistic_read' } });
    return !!account?.totpEnabledAt;
  }

  /** The account, whose second factor no other transaction changes until this one ends. */
  lock(manager: EntityManager, userId: string): Promise<Account | null> {
    return lockAccount(manager, userId);
  }

  /**
   * Checks a code of the app or, if the second factor is enabled, a recovery code. A valid code is used by this. A wrong one is counted and
   * recorded, so commit in any case.
   */
  async check(manager: EntityManager, account: Account, code: string, client: ClientDetails): Promise<CodeCheck> {
    if (account.totpEnabledAt !== null && (await this.#useRecoveryCode(manager, account.id, code, client))) return { outcome: 'valid' };
    const secrets = manager.getRepository(TotpSecret);
    const stored = await secrets.findOneBy({ userId: account.id });
    if (!stored) return { outcome: 'wrong' };
    const timeMs = Date.now();
    const waitMs = (stored.lastFailedAt?.getTime() ?? 0) + totpBackoffMs(stored.failedCodes) - timeMs;
    if (waitMs > 0) return { outcome: 'throttled', retryAfterSeconds: Math.ceil(waitMs / 1000) };
    const secret = decrypt(stored.encryptedSecret, this.derivedKeys.totpSecretEncryption, account.id);
    const step = stepOfCode(secret, canonicalCode(code) ?? '', {
      timeMs,
      lastUsedStep: stored.lastUsedStep,
      toleratedSteps: this.config.totpToleranceSteps,
    });
    if (step === null) {
      await secrets.update(account.id, { failedCodes: stored.failedCodes + 1, lastFailedAt: new Date(timeMs) });
      await this.auditLog.record(manager, { userId: account.id, type: 'code-failed', client });
      return { outcome: 'wrong' };
    }
    await secrets.update(account.id, { lastUsedStep: step, failedCodes: 0, lastFailedAt: null });
    return { outcome: 'valid' };
  }

  async #useRecoveryCode(manager: EntityManager, userId: string, code: string, client: ClientDetails): Promise<boolean> {
    const hash = hashOfRecoveryCode(code);
    if (!hash) return false;
    const codes = manager.getRepository(RecoveryCode);
    const { affected } = await codes.delete({ userId, hash });
    if (!affected) return false;
    const left = await codes.countBy({ userId });
    await this.auditLog.record(manager, { userId, type: 'recovery-code-used', client, details: { left } });
    return true;
  }
}
