import { AppError } from '@chat/shared/errors';

export const userNotFound = () => new AppError('not-found', 'user/not-found', 'There is no such user.');

export const userDeleted = () => new AppError('forbidden', 'user/deleted', 'This user deleted the account and cannot receive messages.');
