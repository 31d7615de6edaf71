import { AppError } from '@chat/shared/errors';

/** The first factor was correct. The token is useless without a code. */
export const mfaRequired = (mfaToken: string) =>
  new AppError('mfa-required', 'sign-in/mfa-required', 'A code of the authenticator app or a recovery code is required.', {
    details: { mfaToken },
  });

/** The same for a token that is unknown, expired, used, or had five wrong codes. */
export const badMfaToken = () =>
  new AppError('unauthenticated', 'sign-in/bad-mfa-token', 'This sign-in is not valid any more. Sign in again.');

export const wrongSignInCode = (triesLeft: number) =>
  new AppError('unauthenticated', 'sign-in/wrong-code', 'The code is wrong or was used before.', { details: { triesLeft } });

/** The same for a wrong password and for an account that does not exist. */
export const wrongCredentials = () => new AppError('unauthenticated', 'account/wrong-credentials', 'E-mail address or password is wrong.');

/** The same for a one-time code of OAuth that is unknown, expired or used, and for one with the wrong verifier. */
export const badCode = () => new AppError('invalid', 'oauth/bad-code', 'The code is not valid. Start again.');
