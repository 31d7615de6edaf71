import { AppError } from '@chat/shared/errors';

export const tooManySignIns = (cause: unknown) =>
  new AppError('unavailable', 'passwords/busy', 'Too many people are signing in at the moment. Try again in a few seconds.', {
    cause,
    details: { retryAfterSeconds: 3 },
  });
