import { AppError } from '@chat/shared/errors';

export const passwordNeeded = () => new AppError('invalid', 'account/password-needed', 'The password is needed to delete the account.');

export const wrongPassword = () => new AppError('invalid', 'account/wrong-password', 'The password is wrong.');
