import { type DestinationStream, type Logger, type LoggerOptions, pino } from 'pino';
import { currentContext } from './work-context.js';

/** What the parts of shared log with: a pino logger is one. */
export interface Log {
  debug(fields: object, message?: string): void;
  info(fields: object, message?: string): void;
  warn(fields: object, message?: string): void;
  error(fields: object, message?: string): void;
}

/** One JSON line per event, with the correlation id of the work going on. Tokens and passwords never get through. */
export function createLogger(service: string, level = 'info', destination?: DestinationStream): Logger {
  const options: LoggerOptions = {
    level,
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    messageKey: 'message',
    errorKey: 'error',
    serializers: { error: withoutValues },
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
  };
  return destination ? pino(options, destination) : pino(options);
}

/** Errors of the database carry the values of the statement, so messages and addresses of people: they stay out of the log. */
function withoutValues(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { parameters: _parameters, detail: _detail, driverError: _driverError, ...rest } = pino.stdSerializers.err(error);
  return rest;
}

/** For tests and scripts that want no lines. */
export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };
