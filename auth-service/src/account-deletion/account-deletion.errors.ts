import { AppError } from '@chat/shared/errors';

export const passwordNeeded = () => new AppError('invalid', 'account/password-needed', 'The password is needed to delete the account.');

export const wrongPassword = () => new AppError('invalid', 'account/wrong-password', 'The password is wrong.');

export const signInTooOld = () =>
  new AppError('forbidden', 'account/sign-in-too-old', 'Sign in again, and delete the account within ten minutes.');
