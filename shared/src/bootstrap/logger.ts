import { pino, type Logger } from 'pino';
import { currentContext } from './context.js';

/** What the parts of shared log with: a pino logger is one. */
export interface Log {
  debug(fields: object, message?: string): void;
  info(fields: object, message?: string): void;
  warn(fields: object, message?: string): void;
  error(fields: object, message?: string): void;
}

/** One JSON line per event, with the correlation id of the work going on. Tokens and passwords never get through. */
export function createLogger(service: string, level = 'info'): Logger {
  return pino({
    level,
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    messageKey: 'message',
    errorKey: 'error',
    formatters: { level: (label) => ({ level: label }) },
    mixin: () => {
      const context = currentContext();
      return context ? { correlationId: context.correlationId } : {};
    },
    redact: [
      '*.password',
      '*.accessToken',
      '*.refreshToken',
      '*.token',
      'password',
      'accessToken',
      'refreshToken',
      'token',
      '*.authorization',
    ],
  });
}

/** For tests and scripts that want no lines. */
export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };
