import { type DestinationStream, type Logger, type LoggerOptions, pino } from 'pino';
import { currentContext } from './work-context.js';

/** The logger that the code of shared needs; a pino logger is one. */
export interface Log {
  debug(fields: object, message?: string): void;
  info(fields: object, message?: string): void;
  warn(fields: object, message?: string): void;
  error(fields: object, message?: string): void;
}

/** A logger of JSON lines, with the correlation id of the current context. It removes tokens and passwords. */
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

/** Errors of the database contain the values of the statement, such as texts and e-mail addresses of users: they stay out of the log. */
function withoutValues(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { parameters: _parameters, detail: _detail, driverError: _driverError, ...rest } = pino.stdSerializers.err(error);
  return rest;
}

/** A logger without output, for tests and scripts. */
export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };
