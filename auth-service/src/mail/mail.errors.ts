import { AppError } from '@chat/shared/errors';

/** The same for a token that is unknown, expired, used, or replaced by a newer one. */
export const badMailToken = () =>
  new AppError(
    'invalid',
    'mail/bad-token',
    'This link is not valid: it was used, has expired, or was replaced by a newer one. Request another one.',
  );
