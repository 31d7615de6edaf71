import { AppError } from '@chat/shared/errors';

/** Also for a notification of somebody else: that it exists is nobody's business. */
export function notificationNotFound(): AppError {
  return new AppError('not-found', 'notification/not-found', 'There is no such notification.');
}
