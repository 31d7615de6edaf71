import { AppError } from '@chat/shared/errors';

export const mfaAlreadyEnabled = () =>
  new AppError('conflict', 'second-factor/already-on', 'The second factor is on already. Turn it off first.');

export const mfaNotEnabled = () => new AppError('conflict', 'second-factor/off', 'The account has no second factor.');

export const mfaIsRequired = () =>
  new AppError('forbidden', 'second-factor/required', 'This installation requires a second factor: it cannot be turned off.');

export const noEnrolmentToConfirm = () =>
  new AppError('conflict', 'second-factor/no-setup', 'There is no setup to confirm, or it is too old. Start it again.');

/** For somebody who is signed in, so not UNAUTHENTICATED: their session is good. */
export const wrongCode = () => new AppError('invalid', 'second-factor/wrong-code', 'The code is wrong, or was used before.');

export const tooManyWrongCodes = (retryAfterSeconds: number) =>
  new AppError('rate-limited', 'second-factor/too-many-codes', 'Too many wrong codes. Wait, or use a recovery code.', {
    details: { retryAfterSeconds },
  });
