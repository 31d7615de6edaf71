import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { Account } from '../accounts/account.entity.js';
import { type CodeCheck, MfaService } from '../mfa/mfa.service.js';
import { SignInChallenge } from './challenge.entity.js';
import type { SignInAttempt, SignInOrigin } from './sign-in-origin.js';
import { hashOf, newSecret } from '../secrets/one-time-secrets.js';
import { UsedCodes } from './used-codes.js';

const LIFETIME_MS = 5 * 60_000;
const MAX_FAILED_CODES = 5;

/**
 * `ended`: the token is unknown, expired, used or had five wrong codes, all sessions of the account were revoked meanwhile, or the one-time
 * code was replayed.
 */
export type ChallengeAnswer =
  | { outcome: 'passed'; account: Account; attempt: SignInAttempt }
  | { outcome: 'wrong'; triesLeft: number }
  | { outcome: 'ended' }
  | Extract<CodeCheck, { outcome: 'throttled' }>;

/** Sign-ins between the first and the second factor. */
@Injectable()
export class SignInChallengesService {
  constructor(
    private readonly mfa: MfaService,
    private readonly usedCodes: UsedCodes,
  ) {}

  /** Returns the token for the second step. It is random and no JWT, so that it cannot be used as an access token. */
  async open(manager: EntityManager, account: Account, { method, codeHash }: SignInAttempt): Promise<string> {
    await manager.query(
      `delete from sign_in_challenges where token_hash in
         (select token_hash from sign_in_challenges where expires_at < now() limit 100 for update skip locked)`,
    );
    const token = newSecret();
    const expiresAt = new Date(Date.now() + LIFETIME_MS);
    const { id: userId, sessionsEpoch } = account;
    const challenge = { tokenHash: hashOf(token), userId, method, sessionsEpoch, oauthCodeHash: codeHash ?? null, expiresAt };
    await manager.getRepository(SignInChallenge).insert(challenge);
    if (codeHash) await this.usedCodes.keepUntil(manager, codeHash, expiresAt);
    return token;
  }

  /** Checks a code. Commit in any case, so that a wrong code stays counted. */
  async answer(manager: EntityManager, token: string, code: string, origin: SignInOrigin): Promise<ChallengeAnswer> {
    const challenges = manager.getRepository(SignInChallenge);
    const tokenHash = hashOf(token);
    const found = await challenges.findOneBy({ tokenHash });
    const account = found && (await this.mfa.lock(manager, found.userId));
    // Read again under the lock: another request may have used the challenge, or the second factor may have been changed.
    const challenge = account && (await challenges.findOneBy({ tokenHash }));
    if (!challenge || challenge.expiresAt <= new Date()) return { outcome: 'ended' };
    if (account.totpEnabledAt === null || account.sessionsEpoch !== challenge.sessionsEpoch) return { outcome: 'ended' };
    const { method, oauthCodeHash } = challenge;
    if (oauthCodeHash && (await this.usedCodes.wasReplayed(manager, oauthCodeHash))) return { outcome: 'ended' };
    const check = await this.mfa.check(manager, account, code, origin.client);
    if (check.outcome === 'throttled') return check;
    if (check.outcome === 'valid') {
      await challenges.delete({ tokenHash });
      return { outcome: 'passed', account, attempt: { ...origin, method, ...(oauthCodeHash && { codeHash: oauthCodeHash }) } };
    }
    const failedCodes = challenge.failedCodes + 1;
    if (failedCodes < MAX_FAILED_CODES) await challenges.update({ tokenHash }, { failedCodes });
    else await challenges.delete({ tokenHash });
    return { outcome: 'wrong', triesLeft: MAX_FAILED_CODES - failedCodes };
  }
}
