import { AppError } from '@chat/shared/errors';

/** The token is valid, but this installation requires a second factor and the account has none yet. */
export const mfaEnrollmentRequired = () =>
  new AppError(
    'forbidden',
    'auth/mfa-enrollment-required',
    'Set up a second factor before you use this operation: startTotpSetup, confirmTotpSetup, then refreshToken.',
  );

/** The operation came without a usable token. Used as the `verify` function of such a context. */
export async function rejectUnauthenticated(): Promise<never> {
  throw new AppError('unauthenticated', 'auth/token-missing', 'This operation needs an access token. Sign in first.');
}
