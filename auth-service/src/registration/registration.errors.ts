import { AppError } from '@chat/shared/errors';

export type UniqueField = 'email' | 'username';

const TAKEN: Record<UniqueField, string> = {
  email: 'This e-mail address has an account already.',
  username: 'This user name is taken.',
};

export const fieldsTaken = (fields: UniqueField[]) =>
  new AppError('conflict', `account/${fields[0]}-taken`, fields.map((field) => TAKEN[field]).join(' '), { details: { fields } });

/** To delete an account that has a password. */
export const passwordNeeded = () => new AppError('invalid', 'account/password-needed', 'The password is required to delete the account.');

export const wrongPassword = () => new AppError('invalid', 'account/wrong-password', 'The password is wrong.');
