import { AppError } from './app-error.js';

/**
 * SQLSTATE classes of transient errors: connection (08), login rejected (28), no such database (3D), rollback by conflict (40), out of
 * resources (53), lock not available (55), operator intervention and statement timeout (57), failure of the system under PostgreSQL (58) or of
 * PostgreSQL itself (XX). Some of them last until an operator acts, but none is the fault of the statement.
 */
const TRANSIENT_SQL_CLASSES = new Set(['08', '28', '3D', '40', '53', '55', '57', '58', 'XX']);
/** Of class 25, whose other members are mistakes of the program: a standby, before or after a failover; a transaction that took too long. */
const TRANSIENT_SQL_STATES = new Set(['25006', '25P03', '25P04']);
/**
 * The first words of the replies with which Redis says that it cannot do this now: it starts, is a replica, its memory or disk is full, its
 * users change, or another node of the cluster has the keys.
 */
const REDIS_REPLY =
  /^(LOADING|READONLY|MASTERDOWN|NOREPLICAS|MISCONF|OOM|BUSY|CLUSTERDOWN|MOVED|ASK|TRYAGAIN|NOAUTH|WRONGPASS|ERR max number of clients reached)\b/;
/** Errors of the network and of this machine: no address, no file descriptor, no memory, no space. */
const SYSTEM_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'ENETRESET',
  'EADDRNOTAVAIL',
  'EAI_AGAIN',
  'EAI_FAIL',
  'ENOTFOUND',
  'EMFILE',
  'ENFILE',
  'ENOBUFS',
  'ENOMEM',
  'ENOSPC',
  'UND_ERR_SOCKET',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'UND_ERR_CLOSED',
  'UND_ERR_DESTROYED',
]);
/** Error names of ioredis, of this package and of kafkajs (whose other errors have `retriable`). */
const ERROR_NAMES = new Set([
  'MaxRetriesPerRequestError',
  'TimeoutError',
  'KafkaJSNumberOfRetriesExceeded',
  'KafkaJSSASLAuthenticationError',
]);
/** Messages of pg and ioredis, for errors that have no code. */
const DRIVER_MESSAGES = [
  'timeout exceeded when trying to connect',
  'Connection terminated',
  'Client has encountered a connection error',
  'Client was closed and is not queryable',
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
  if (typeof name === 'string' && ERROR_NAMES.has(name)) return true;
  if (typeof code === 'string') {
    if (SYSTEM_CODES.has(code) || TRANSIENT_SQL_STATES.has(code)) return true;
    if (/^[0-9A-Z]{5}$/.test(code) && TRANSIENT_SQL_CLASSES.has(code.slice(0, 2))) return true;
  }
  if (name === 'ReplyError' && typeof message === 'string' && REDIS_REPLY.test(message)) return true;
  if (typeof message === 'string' && DRIVER_MESSAGES.some((text) => message.includes(text))) return true;
  // A connection attempt to several addresses fails with an AggregateError.
  if (Array.isArray(errors) && errors.length > 0 && errors.every((one) => check(one, depth + 1))) return true;
  return check(driverError, depth + 1) || check(cause, depth + 1);
}
