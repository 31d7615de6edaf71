/** What kind of failure it is. HTTP status and GraphQL code follow from it, see `error-codes.ts`. */
export type ErrorKind =
  | 'unauthenticated'
  | 'forbidden'
  | 'not-found'
  | 'invalid'
  | 'conflict'
  | 'rate-limited'
  | 'too-large'
  | 'unavailable'
  | 'mfa-required'
  | 'not-configured'
  | 'internal';

export interface AppErrorOptions {
  /** The failure behind this one; logged, never shown to a client. */
  cause?: unknown;
  /** More for the client, such as `retryAfterSeconds`. Must hold nothing secret. */
  details?: Record<string, unknown>;
}

/**
 * A failure whose text a client may read.
 * What a client may know is decided where the error is made: `message` is public, `cause` is not.
 */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly details: Record<string, unknown>;

  /** @param code finer than the kind, for programs: `conversation/not-found`. */
  constructor(
    readonly kind: ErrorKind,
    readonly code: string,
    message: string,
    options: AppErrorOptions = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.details = options.details ?? {};
  }
}
