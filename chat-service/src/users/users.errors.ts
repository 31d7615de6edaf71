import { AppError } from '@chat/shared/errors';

export const userNotFound = () => new AppError('not-found', 'user/not-found', 'There is no such person.');

export const personIsGone = () =>
  new AppError('forbidden', 'user/deleted', 'This person has deleted the account: nobody can write to them.');
