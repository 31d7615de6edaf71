import { AppError } from '@chat/shared/errors';

export const passwordEasilyGuessed = () =>
  new AppError('invalid', 'passwords/easily-guessed', 'This password is one of those that are tried first. Choose another one.');

/** The code is that of a common one: a client does the same about it. */
export const passwordBreached = () =>
  new AppError(
    'invalid',
    'passwords/easily-guessed',
    'This password is known from a data breach elsewhere, so it is tried first. Choose another one.',
  );

export const tooManySignIns = (cause: unknown) =>
  new AppError('unavailable', 'passwords/busy', 'Too many people are signing in at the moment. Try again in a few seconds.', {
    cause,
    details: { retryAfterSeconds: 3 },
  });

/** Also for an account without a password, whose owner sets one by e-mail. */
export const wrongCurrentPassword = () => new AppError('invalid', 'account/wrong-password', 'The current password is wrong.');
