import { AppError } from '@chat/shared/errors';

export const passwordEasilyGuessed = () =>
  new AppError('invalid', 'passwords/easily-guessed', 'This password is easy to guess. Choose another one.');

/** The same code as for a common password: a client handles both in the same way. */
export const passwordBreached = () =>
  new AppError(
    'invalid',
    'passwords/easily-guessed',
    'This password is known from a data breach, so it is easy to guess. Choose another one.',
  );

export const tooManySignIns = () =>
  new AppError('unavailable', 'passwords/busy', 'Too many users are signing in at the moment. Try again in a few seconds.', {
    details: { retryAfterSeconds: 3 },
  });

/** Also for an account without a password: its user sets one with a link by mail. */
export const wrongCurrentPassword = () => new AppError('invalid', 'account/wrong-password', 'The current password is wrong.');
