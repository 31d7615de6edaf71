import { AppError } from '@chat/shared/errors';

export type UniqueField = 'email' | 'username';

const TAKEN: Record<UniqueField, string> = {
  email: 'This e-mail address has an account already.',
  username: 'This user name is taken.',
};

export const taken = (fields: UniqueField[]) =>
  new AppError('conflict', `account/${fields[0]}-taken`, fields.map((field) => TAKEN[field]).join(' '), { details: { fields } });

/** The same for a wrong password and for an account that does not exist. */
export const wrongCredentials = () => new AppError('unauthenticated', 'account/wrong-credentials', 'E-mail address or password is wrong.');

export const accountNotFound = () => new AppError('not-found', 'account/not-found', 'There is no such user.');
