import { AppError } from '@chat/shared/errors';

/** Also for a notification of another user, so that the answer does not reveal that it exists. */
export function notificationNotFound(): AppError {
  return new AppError('not-found', 'notification/not-found', 'There is no such notification.');
}
