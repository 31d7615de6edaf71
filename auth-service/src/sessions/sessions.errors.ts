import { AppError } from '@chat/shared/errors';

/** The same for a token that is unknown, ran out, was used before, or belongs to a revoked session. */
export const badRefreshToken = () =>
  new AppError('unauthenticated', 'session/bad-refresh-token', 'The refresh token is not valid. Sign in again.');

/** All sessions were ended while this sign-in was under way. */
export const accountChangedDuringLogin = () =>
  new AppError('unauthenticated', 'session/sign-in-overtaken', 'This account was changed in the meantime. Sign in again.');

export const sessionNotFound = () => new AppError('not-found', 'session/not-found', 'There is no such session.');

/** The caller is signed in, but not since a moment ago. */
export const recentLoginRequired = () =>
  new AppError('forbidden', 'account/sign-in-too-old', 'This needs a sign-in of the last ten minutes. Sign in again, then try again.');

export const sessionRevoked = () => new AppError('unauthenticated', 'session/ended', 'This session has ended. Sign in again.');
