import { AppError, type ErrorKind } from './app-error.js';
import { HTTP_STATUSES, kindOfPublicCode, PUBLIC_CODES, type PublicCode } from './error-codes.js';
import { isTransient } from './transient.js';

/** Problem details for HTTP APIs (RFC 9457). `type` is a name, not a URL; `code` is the same as in GraphQL. */
export interface ProblemDetails {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: PublicCode;
  requestId: string;
  [detail: string]: unknown;
}

const TITLES: Record<ErrorKind, string> = {
  unauthenticated: 'Not signed in',
  forbidden: 'Not allowed',
  'not-found': 'Not found',
  invalid: 'Invalid request',
  conflict: 'Conflict',
  'rate-limited': 'Too many requests',
  'too-large': 'Too large',
  unavailable: 'Temporarily unavailable',
  'mfa-required': 'Second factor required',
  'not-configured': 'Not configured',
  internal: 'Internal error',
};

const TYPE_PREFIX = 'urn:chat:error:';
const OWN_FIELDS = new Set(['type', 'title', 'status', 'detail', 'code', 'requestId']);

/** Any error as an AppError. An error with an HTTP status below 500 keeps it; a transient one is `unavailable`; any other is a masked `internal`. */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const status = statusOf(error);
  if (status !== undefined && status >= 400 && status < 500)
    return new AppError(kindOfStatus(status), `request/${status}`, messageOfStatus(status), { cause: error });
  if (isTransient(error)) {
    const what = isDatabaseError(error) ? 'database' : 'dependency';
    return new AppError('unavailable', `${what}/unavailable`, 'The service cannot answer right now. Try again in a moment.', {
      cause: error,
    });
  }
  if (status === 503)
    return new AppError('unavailable', 'service/unavailable', 'The service cannot answer right now. Try again in a moment.');
  return new AppError('internal', 'internal', 'Something went wrong on our side.', { cause: error });
}

/** The body of an error answer. A client may read everything in it. */
export function toProblem(error: unknown, requestId: string): ProblemDetails {
  const { kind, code, message, details } = toAppError(error);
  const masked = kind === 'internal';
  return {
    ...(masked ? {} : details),
    type: TYPE_PREFIX + code,
    title: TITLES[kind],
    status: HTTP_STATUSES[kind],
    detail: masked ? 'Something went wrong on our side.' : message,
    code: PUBLIC_CODES[kind],
    requestId,
  };
}

/** The error of a problem+json answer of another service, with its kind, code, message and details. */
export function fromProblem(body: unknown, status: number): AppError {
  if (typeof body !== 'object' || body === null || typeof (body as ProblemDetails).code !== 'string') {
    if (status === 502 || status === 503 || status === 504)
      return new AppError('unavailable', 'service/unavailable', 'The service cannot answer right now. Try again in a moment.');
    return new AppError(status < 500 ? kindOfStatus(status) : 'internal', `request/${status}`, messageOfStatus(status));
  }
  const problem = body as ProblemDetails;
  const type = typeof problem.type === 'string' ? problem.type : '';
  const details = Object.fromEntries(Object.entries(problem).filter(([name]) => !OWN_FIELDS.has(name)));
  return new AppError(
    kindOfPublicCode(problem.code),
    type.startsWith(TYPE_PREFIX) ? type.slice(TYPE_PREFIX.length) : `request/${status}`,
    typeof problem.detail === 'string' ? problem.detail : messageOfStatus(status),
    { details },
  );
}

function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { getStatus, statusCode } = error as { getStatus?: unknown; statusCode?: unknown };
  const status: unknown = typeof getStatus === 'function' ? getStatus.call(error) : statusCode;
  return typeof status === 'number' ? status : undefined;
}

function kindOfStatus(status: number): ErrorKind {
  if (status === 401) return 'unauthenticated';
  if (status === 403) return 'forbidden';
  if (status === 404 || status === 405) return 'not-found';
  if (status === 409) return 'conflict';
  if (status === 413) return 'too-large';
  if (status === 429) return 'rate-limited';
  return 'invalid';
}

function messageOfStatus(status: number): string {
  switch (kindOfStatus(status)) {
    case 'unauthenticated':
      return 'A valid access token is needed.';
    case 'forbidden':
      return 'This is not allowed.';
    case 'not-found':
      return 'There is nothing here.';
    case 'conflict':
      return 'This conflicts with the present state.';
    case 'too-large':
      return 'The request is too large.';
    case 'rate-limited':
      return 'Too many requests. Try again later.';
    default:
      return status === 415 ? 'The body must be application/json.' : 'The request could not be understood.';
  }
}

/** Errors of pg have `severity` or are wrapped by QueryFailedError of TypeORM; those of its pool are known by their message. */
function isDatabaseError(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { severity, driverError, message, address, port } = error as Record<string, unknown>;
  return (
    severity !== undefined ||
    driverError !== undefined ||
    (address !== undefined && port === 5432) ||
    (typeof message === 'string' && (message.includes('trying to connect') || message.includes('Connection terminated')))
  );
}
