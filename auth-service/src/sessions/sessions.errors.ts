import { AppError } from '@chat/shared/errors';

/** The same for a token that is unknown, ran out, was used before, or belongs to a revoked session. */
export const badRefreshToken = () =>
  new AppError('unauthenticated', 'session/bad-refresh-token', 'The refresh token is not valid. Sign in again.');

export const sessionEnded = () => new AppError('unauthenticated', 'session/ended', 'This session has ended. Sign in again.');
