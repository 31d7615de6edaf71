import { AppError } from '@chat/shared/errors';

/** Said to nobody but the account's owner, after they have shown who they are. */
export const emailNotVerified = () =>
  new AppError(
    'forbidden',
    'account/email-not-verified',
    'Confirm your e-mail address first: open the link in the mail that was sent to it.',
  );
