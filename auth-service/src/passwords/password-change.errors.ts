import { AppError } from '@chat/shared/errors';

/** Also for an account without a password, whose owner sets one by e-mail. */
export const wrongCurrentPassword = () => new AppError('invalid', 'account/wrong-password', 'The current password is wrong.');
