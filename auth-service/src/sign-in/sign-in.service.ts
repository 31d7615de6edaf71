import { Injectable } from '@nestjs/common';
import type { AuthTokens } from '@chat/shared/contracts';
import { OutboxRelay } from '@chat/shared/outbox';
import { DataSource } from 'typeorm';
import type { Account } from '../accounts/account.entity.js';
import { VerificationMails } from '../mail/verification-mails.js';
import { tooManyWrongCodes } from '../mfa/mfa.errors.js';
import { MfaService } from '../mfa/mfa.service.js';
import { type IssuedSession, SessionIssuer } from './session-issuer.js';
import { type ChallengeAnswer, SignInChallengesService } from './challenges.service.js';
import type { SignInAttempt, SignInOrigin } from './sign-in-origin.js';
import { badMfaToken, mfaRequired, wrongSignInCode } from './sign-in.errors.js';

/**
 * The only path from a checked first factor to a session, for passwords, OAuth providers and ID tokens. The rules for every sign-in (second
 * factor, audit log, notice of a new device) are here, so that no first factor bypasses them.
 */
@Injectable()
export class SignInService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly mfa: MfaService,
    private readonly challenges: SignInChallengesService,
    private readonly sessionIssuer: SessionIssuer,
    private readonly verificationMails: VerificationMails,
    private readonly outboxRelay: OutboxRelay,
  ) {}

  /** Creates a session for the account. If MFA is enabled, throws MFA_REQUIRED with the token for `completeWithCode`. */
  async complete(account: Account, attempt: SignInAttempt): Promise<AuthTokens> {
    await this.verificationMails.requireVerified(account, attempt.client);
    const result = await this.dataSource.transaction(async (manager): Promise<IssuedSession | { mfaToken: string }> => {
      // Read again: `account` was read before the first factor was checked.
      if (await this.mfa.isEnabled(manager, account.id)) return { mfaToken: await this.challenges.open(manager, account, attempt) };
      return this.sessionIssuer.issue(manager, account, attempt, { secondFactor: false });
    });
    if ('mfaToken' in result) throw mfaRequired(result.mfaToken);
    return this.#finish(result);
  }

  /** The second step, with a code of the app or a recovery code. */
  async completeWithCode(mfaToken: string, code: string, origin: SignInOrigin): Promise<AuthTokens> {
    const result = await this.dataSource.transaction(async (manager): Promise<IssuedSession | { refused: Error }> => {
      const answer = await this.challenges.answer(manager, mfaToken, code, origin);
      if (answer.outcome !== 'passed') return { refused: refusalOf(answer) };
      return this.sessionIssuer.issue(manager, answer.account, answer.attempt, { secondFactor: true });
    });
    // Thrown after the commit, so that the wrong code stays counted.
    if ('refused' in result) throw result.refused;
    return this.#finish(result);
  }

  async #finish({ tokens, afterCommit }: IssuedSession): Promise<AuthTokens> {
    this.outboxRelay.wake();
    await afterCommit();
    return tokens;
  }
}

function refusalOf(answer: Exclude<ChallengeAnswer, { outcome: 'passed' }>): Error {
  switch (answer.outcome) {
    case 'wrong':
      return wrongSignInCode(answer.triesLeft);
    case 'throttled':
      return tooManyWrongCodes(answer.retryAfterSeconds);
    case 'ended':
      return badMfaToken();
  }
}
