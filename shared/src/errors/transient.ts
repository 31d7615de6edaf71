import { AppError } from './app-error.js';

/** SQLSTATE classes of transient errors: connection, rollback by conflict, out of resources, lock not available, operator intervention (and statement timeout). */
const TRANSIENT_SQL_CLASSES = new Set(['08', '40', '53', '55', '57']);
/** read_only_sql_transaction: a standby, before or after a failover. */
const READ_ONLY_SQL = '25006';
/** The first words of the replies with which Redis says that it cannot do this now: it starts, is a replica, or its memory or disk is full. */
const REDIS_REPLY = /^(LOADING|READONLY|MASTERDOWN|NOREPLICAS|MISCONF|OOM|BUSY|CLUSTERDOWN|TRYAGAIN) /;
const NETWORK_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN',
  'ENOTFOUND',
  'UND_ERR_SOCKET',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'UND_ERR_CLOSED',
  'UND_ERR_DESTROYED',
]);
/** Messages of pg and ioredis, for errors that have no code. */
const DRIVER_MESSAGES = [
  'timeout exceeded when trying to connect',
  'Connection terminated',
  'Client has encountered a connection error',
  'Query read timeout',
  "Stream isn't writeable and enableOfflineQueue",
  'Connection is closed.',
  'Command timed out',
];

interface MaybeDriverError {
  name?: unknown;
  code?: unknown;
  message?: unknown;
  retriable?: unknown;
  cause?: unknown;
  driverError?: unknown;
  errors?: unknown;
}

/** True when the same call may succeed later without any change. */
export function isTransient(error: unknown): boolean {
  return check(error, 0);
}

function check(error: unknown, depth: number): boolean {
  if (typeof error !== 'object' || error === null || depth > 4) return false;
  if (error instanceof AppError) return error.kind === 'unavailable' || error.kind === 'rate-limited';
  const { name, code, message, retriable, cause, driverError, errors } = error as MaybeDriverError;
  if (retriable === true) return true;
  if (name === 'MaxRetriesPerRequestError' || name === 'TimeoutError' || name === 'KafkaJSNumberOfRetriesExceeded') return true;
  if (typeof code === 'string') {
    if (NETWORK_CODES.has(code) || code === READ_ONLY_SQL) return true;
    if (/^[0-9A-Z]{5}$/.test(code) && TRANSIENT_SQL_CLASSES.has(code.slice(0, 2))) return true;
  }
  if (name === 'ReplyError' && typeof message === 'string' && REDIS_REPLY.test(message)) return true;
  if (typeof message === 'string' && DRIVER_MESSAGES.some((text) => message.includes(text))) return true;
  // A connection attempt to several addresses fails with an AggregateError.
  if (Array.isArray(errors) && errors.length > 0 && errors.every((one) => check(one, depth + 1))) return true;
  return check(driverError, depth + 1) || check(cause, depth + 1);
}
