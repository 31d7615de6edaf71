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

/** `ended`: the token is unknown, ran out, was used, had its five codes, or all sessions of the account were ended meanwhile; or the one-time code came again. */
export type ChallengeAnswer =
  | { outcome: 'passed'; account: Account; attempt: SignInAttempt }
  | { outcome: 'wrong'; triesLeft: number }
  | { outcome: 'ended' }
  | Extract<CodeCheck, { outcome: 'throttled' }>;

/** Sign-ins between the first factor and the second. */
@Injectable()
export class SignInChallengesService {
  constructor(
    private readonly mfa: MfaService,
    private readonly usedCodes: UsedCodes,
  ) {}

  /** Gives the token to go on with. It is random and no JWT, so that nobody can take it for an access token. */
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

  /** Takes a code. What a wrong one leaves behind must be committed. */
  async answer(manager: EntityManager, token: string, code: string, origin: SignInOrigin): Promise<ChallengeAnswer> {
    const challenges = manager.getRepository(SignInChallenge);
    const tokenHash = hashOf(token);
    const found = await challenges.findOneBy({ tokenHash });
    const account = found && (await this.mfa.lock(manager, found.userId));
    // Read again now that nobody else is at this account: another answer may have used it up, or the second factor may have been changed.
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
