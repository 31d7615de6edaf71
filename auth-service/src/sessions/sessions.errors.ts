import { AppError } from '@chat/shared/errors';

/** The same for a token that is unknown, expired, used, or of a revoked session. */
export const badRefreshToken = () =>
  new AppError('unauthenticated', 'session/bad-refresh-token', 'The refresh token is not valid. Sign in again.');

/** All sessions were revoked while this sign-in was in progress. */
export const accountChangedDuringLogin = () =>
  new AppError('unauthenticated', 'session/account-changed-during-login', 'This account was changed during the sign-in. Sign in again.');

export const sessionNotFound = () => new AppError('not-found', 'session/not-found', 'There is no such session.');

/** The session is valid, but was created too long ago. */
export const recentLoginRequired = () =>
  new AppError(
    'forbidden',
    'session/recent-login-required',
    'This requires a login within the last ten minutes. Sign in again, then retry.',
  );

export const sessionRevoked = () => new AppError('unauthenticated', 'session/revoked', 'This session is revoked. Sign in again.');
