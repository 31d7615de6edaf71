import { AppError } from '@chat/shared/errors';

/** The same for a token that is unknown, ran out, was used before, or was followed by a newer one. */
export const badMailToken = () =>
  new AppError(
    'invalid',
    'mail/bad-token',
    'This link does not work any more: it was used, ran out, or a newer one was sent. Ask for another.',
  );

export const tooManyMails = (retryAfterSeconds: number) =>
  new AppError('rate-limited', 'mail/too-many', 'Too many mails were asked for. Try again later.', { details: { retryAfterSeconds } });
