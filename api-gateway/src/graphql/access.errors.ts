import { AppError } from '@chat/shared/errors';

/** Their sign-in is good, but this installation wants a second factor. */
export const secondFactorNeededFirst = () =>
  new AppError(
    'forbidden',
    'auth/second-factor-needed-first',
    'Set up a second factor first: startTotpSetup, confirmTotpSetup, then refreshToken.',
  );
