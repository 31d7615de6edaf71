import { AppError } from '@chat/shared/errors';

export const userNotFound = () => new AppError('not-found', 'user/not-found', 'There is no such person.');
