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

/** `slowed`: the code was not looked at, and will not be before `retryAfterSeconds`. */
export type CodeCheck = { outcome: 'valid' | 'wrong' } | { outcome: 'throttled'; retryAfterSeconds: number };

/**
 * Checks the codes of an account's second factor. Call `lock` first: codes of one account are looked at one after the other, so that of
 * two that come with the same code one finds it spent, and none gets more tries by coming at once.
 */
@Injectable()
export class MfaService {
  constructor(
    private readonly config: AuthConfig,
    private readonly derivedKeys: DerivedKeys,
    private readonly auditLog: AuditLogService,
  ) {}

  /** In the transaction of whoever is about to open a session: as it is now, and stays until that transaction ends. */
  async isEnabled(manager: EntityManager, userId: string): Promise<boolean> {
    const account = await manager.getRepository(Account).findOne({ where: { id: userId }, lock: { mode: 'pessimistic_read' } });
    return !!account?.totpEnabledAt;
  }

  /** The account, with nobody else at its second factor until the transaction ends. */
  lock(manager: EntityManager, userId: string): Promise<Account | null> {
    return lockAccount(manager, userId);
  }

  /**
   * Looks at a code: of the app, or for a second factor that is on also a recovery code. What is right is spent by it. A wrong one is
   * counted and logged, so commit in any case.
   */
  async check(manager: EntityManager, account: Account, code: string, client: ClientDetails): Promise<CodeCheck> {
    if (account.totpEnabledAt !== null && (await this.#spendRecoveryCode(manager, account.id, code, client))) return { outcome: 'valid' };
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

  async #spendRecoveryCode(manager: EntityManager, userId: string, code: string, client: ClientDetails): Promise<boolean> {
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
