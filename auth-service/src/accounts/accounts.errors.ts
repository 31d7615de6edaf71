import { AppError } from '@chat/shared/errors';

export const accountNotFound = () => new AppError('not-found', 'account/not-found', 'There is no such user.');

/** Only for the owner of the account, after the password or another first factor was correct. */
export const emailNotVerified = () =>
  new AppError(
    'forbidden',
    'account/email-not-verified',
    'Confirm your e-mail address first: open the link in the mail that was sent to it.',
  );
