import { AppError } from '@chat/shared/errors';

export const profileNotFound = () => new AppError('not-found', 'profile/not-found', 'There is no such profile.');
