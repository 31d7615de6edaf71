/** The kind of an error; its HTTP status and GraphQL code follow from it, see `error-codes.ts`. */
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

/** Optional parts of an AppError. */
export interface AppErrorOptions {
  /** The error behind this one; logged, never shown to a client. */
  cause?: unknown;
  /** Further fields for the client, such as `retryAfterSeconds`. They must not contain secrets. */
  details?: Record<string, unknown>;
}

/** A text for a client that may contain what the client sent: at most `max` characters. Before any other work on the text. */
export function shortened(text: string, max = 300): string {
  return text.length <= max ? text : `${text.slice(0, max - 1).toWellFormed()}…`;
}

/**
 * An error whose text a client may read. The code that creates it decides what a client may know: `message`, `code` and `details` are public,
 * `cause` is not.
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
