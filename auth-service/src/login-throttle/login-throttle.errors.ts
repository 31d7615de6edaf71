import { AppError } from '@chat/shared/errors';

export const tooManyAttempts = (retryAfterMs: number) => {
  const retryAfterSeconds = Math.ceil(retryAfterMs / 1000);
  return new AppError('rate-limited', 'sign-in/too-many-attempts', `Too many attempts. Try again in ${retryAfterSeconds} seconds.`, {
    details: { retryAfterSeconds },
  });
};
