import type { LoggerService } from '@nestjs/common';
import type { Logger } from 'pino';

/** Passes the lines of Nest, and those of `new Logger('Name')` of @nestjs/common, on to pino. */
export class NestLogger implements LoggerService {
  constructor(private readonly pino: Logger) {}

  log(message: unknown, ...rest: unknown[]): void {
    this.#write('info', message, rest);
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.#write('error', message, rest);
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.#write('warn', message, rest);
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.#write('debug', message, rest);
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.#write('trace', message, rest);
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.#write('fatal', message, rest);
  }

  #write(level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal', message: unknown, rest: unknown[]): void {
    // Nest passes the name of the logger last, and before it, for some errors, the stack.
    const context = rest.at(-1);
    const fields: Record<string, unknown> = typeof context === 'string' ? { context } : {};
    // The lines on every module and route at the start are of no use to an operator.
    const shown = level === 'info' && typeof context === 'string' && NOISY_CONTEXTS.has(context) ? 'debug' : level;
    const fieldsOrError = rest.find((item) => typeof item === 'object' && item !== null);
    if (fieldsOrError instanceof Error) fields.error = fieldsOrError;
    else if (fieldsOrError) Object.assign(fields, fieldsOrError);
    if (message instanceof Error) this.pino[shown]({ ...fields, error: message }, message.message);
    else if (typeof message === 'object' && message !== null) this.pino[shown]({ ...fields, ...message });
    else {
      if (level === 'error' && rest.length > 1 && typeof rest[0] === 'string') fields.stack = rest[0];
      this.pino[shown](fields, String(message));
    }
  }
}

const NOISY_CONTEXTS = new Set([
  'InstanceLoader',
  'RoutesResolver',
  'RouterExplorer',
  'NestFactory',
  'NestApplication',
  'NestMicroservice',
  'GraphQLModule',
]);
