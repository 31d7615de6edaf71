import { AppError } from '@chat/shared/errors';

export function feedNotReady(): AppError {
  return new AppError('unavailable', 'feed/not-ready', 'The feed is not available yet.');
}

/** No client receives it: the client that asked has closed its connection. */
export function pageGivenUp(): AppError {
  return new AppError('unavailable', 'feed/page-given-up', 'The page was given up.');
}

export function malformedPosition(): AppError {
  return new AppError('invalid', 'feed/malformed-position', 'This is not a position of the feed.');
}
