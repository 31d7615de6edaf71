import { AppError } from '@chat/shared/errors';

export const mfaAlreadyEnabled = () =>
  new AppError('conflict', 'mfa/already-enabled', 'Two-factor authentication is enabled already. Disable it first.');

export const mfaNotEnabled = () => new AppError('conflict', 'mfa/not-enabled', 'Two-factor authentication is not enabled.');

export const mfaIsRequired = () =>
  new AppError('forbidden', 'mfa/required', 'This installation requires two-factor authentication: it cannot be disabled.');

export const noEnrolmentToConfirm = () =>
  new AppError('conflict', 'mfa/no-enrolment', 'There is no enrolment to confirm, or it has expired. Start again.');

/** For a signed-in user, so not UNAUTHENTICATED: the session is valid. */
export const wrongCode = () => new AppError('invalid', 'mfa/wrong-code', 'The code is wrong or was used before.');

export const tooManyWrongCodes = (retryAfterSeconds: number) =>
  new AppError('rate-limited', 'mfa/too-many-codes', 'Too many wrong codes. Wait, or use a recovery code.', {
    details: { retryAfterSeconds },
  });
