import type { ErrorKind } from './app-error.js';

/** The public code of each kind: `extensions.code` in GraphQL, `code` in problem+json. */
export const PUBLIC_CODES = {
  unauthenticated: 'UNAUTHENTICATED',
  forbidden: 'FORBIDDEN',
  'not-found': 'NOT_FOUND',
  invalid: 'BAD_USER_INPUT',
  conflict: 'CONFLICT',
  'rate-limited': 'RATE_LIMITED',
  'too-large': 'PAYLOAD_TOO_LARGE',
  unavailable: 'UNAVAILABLE',
  'mfa-required': 'MFA_REQUIRED',
  'not-configured': 'NOT_CONFIGURED',
  internal: 'INTERNAL_SERVER_ERROR',
} as const satisfies Record<ErrorKind, string>;

/** A public error code. */
export type PublicCode = (typeof PUBLIC_CODES)[ErrorKind];

/** The HTTP status of each kind (RFC 9110). */
export const HTTP_STATUSES = {
  unauthenticated: 401,
  forbidden: 403,
  'not-found': 404,
  invalid: 400,
  conflict: 409,
  'rate-limited': 429,
  'too-large': 413,
  unavailable: 503,
  'mfa-required': 401,
  'not-configured': 501,
  internal: 500,
} as const satisfies Record<ErrorKind, number>;

/** The kind of a public code; `internal` for an unknown code. */
export function kindOfPublicCode(code: string): ErrorKind {
  const found = Object.entries(PUBLIC_CODES).find(([, publicCode]) => publicCode === code);
  return found ? (found[0] as ErrorKind) : 'internal';
}
