import { AppError } from '@chat/shared/errors';

export function feedNotReady(): AppError {
  return new AppError('unavailable', 'feed/not-ready', 'The feed is not available yet.');
}

export function malformedPosition(): AppError {
  return new AppError('invalid', 'feed/malformed-position', 'This is not a position of the feed.');
}
