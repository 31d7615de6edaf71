import { AppError } from '@chat/shared/errors';

export const providerNotConfigured = () =>
  new AppError('not-configured', 'oauth/not-configured', 'Sign-in with this provider is not configured.');

export const providerUnavailable = (cause: unknown) =>
  new AppError('unavailable', 'oauth/provider-unavailable', 'The provider does not respond. Try again in a moment.', { cause });

/** The provider refused, or its response is not valid. The reason is in the cause, for the log only. */
export const providerRefused = (cause: unknown) =>
  new AppError('invalid', 'oauth/refused', 'The sign-in with this provider has failed. Start again.', { cause });

/** One error for every callback without a valid attempt, so that it does not help to guess. */
export const unknownAttempt = () =>
  new AppError('invalid', 'oauth/unknown-attempt', 'This browser has not begun this sign-in, or the sign-in is expired. Start again.');

/** One error for every fault of the token. */
export const badIdToken = (cause?: unknown) =>
  new AppError('unauthenticated', 'oauth/bad-id-token', 'The ID token is not valid.', { cause });

export const noIdTokens = () => new AppError('invalid', 'oauth/no-id-tokens', 'This provider issues no ID tokens. Use its sign-in page.');

export const needsChallenge = () =>
  new AppError('invalid', 'oauth/challenge-needed', 'A mobile client must send code_challenge, made with S256.');

export const badChallenge = () =>
  new AppError('invalid', 'oauth/bad-challenge', 'code_challenge must be a SHA-256 hash in base64url, 43 characters.');

export const linkExpired = () => new AppError('invalid', 'oauth/link-expired', 'The link to this sign-in is expired. Start again.');

export const emailNotVerified = () =>
  new AppError('invalid', 'oauth/email-not-verified', 'The provider does not confirm that you own an e-mail address.');

export const notLinked = () => new AppError('not-found', 'oauth/not-linked', 'This provider is not linked to your account.');

export const onlySignInMethod = () =>
  new AppError(
    'conflict',
    'oauth/only-sign-in-method',
    'This provider is the only way to sign in to your account. Set a password or link another provider first.',
  );

/** For an address for which the provider is no authority. */
export const signInFirst = () =>
  new AppError(
    'conflict',
    'oauth/sign-in-first',
    'There is an account with this e-mail address. Sign in to it as before, and then with this provider: that links the two.',
  );

export const otherIdentityLinked = () =>
  new AppError('conflict', 'oauth/other-identity-linked', 'Your account is linked to another account of this provider.');
