import { AppError } from '@chat/shared/errors';

export const providerNotConfigured = () =>
  new AppError('not-configured', 'oauth/not-configured', 'Signing in with this provider is not set up here.');

export const providerUnavailable = (cause: unknown) =>
  new AppError('unavailable', 'oauth/provider-unavailable', 'The provider does not answer. Try again in a moment.', { cause });

/** The provider's answer does not hold. What is wrong with it is in the cause, and for the log only. */
export const providerRefused = (cause: unknown) =>
  new AppError('invalid', 'oauth/refused', 'Signing in with this provider did not work. Start again.', { cause });

/** The same for a callback that nobody began, one that came before, one from another browser, and one of another provider. */
export const unknownAttempt = () =>
  new AppError('invalid', 'oauth/unknown-attempt', 'This sign-in was not begun here, or it took too long. Start again.');

/** The same whatever is wrong with it. */
export const badIdToken = (cause?: unknown) =>
  new AppError('unauthenticated', 'oauth/bad-id-token', 'The ID token is not valid.', { cause });

export const noIdTokens = () => new AppError('invalid', 'oauth/no-id-tokens', 'This provider has no ID tokens. Use its sign-in page.');

export const needsChallenge = () =>
  new AppError('invalid', 'oauth/challenge-needed', 'A mobile client must send code_challenge, made with S256.');

export const badChallenge = () =>
  new AppError('invalid', 'oauth/bad-challenge', 'code_challenge must be a SHA-256 hash in base64url, 43 characters.');

export const linkExpired = () => new AppError('invalid', 'oauth/link-too-old', 'This sign-in took too long. Start again.');

/** Without an address that the provider vouches for, no account can be made or found. */
export const emailNotVerified = () =>
  new AppError('invalid', 'oauth/email-not-verified', 'The provider does not vouch for an e-mail address of yours.');

export const notLinked = () => new AppError('not-found', 'oauth/not-linked', 'This provider is not linked to your account.');

export const lastWayIn = () =>
  new AppError('conflict', 'oauth/last-way-in', 'This is the only way into your account. Set a password or link another provider first.');

export const otherIdentityLinked = () =>
  new AppError('conflict', 'oauth/other-identity-linked', 'Your account is linked to another account of this provider.');
