import { AppError } from '@chat/shared/errors';

export const emptySearch = () => new AppError('invalid', 'search/nothing-visible', 'query must contain a visible character.');

export const profileNotFound = () => new AppError('not-found', 'profile/not-found', 'There is no such profile.');
