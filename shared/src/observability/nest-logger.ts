import type { LoggerService } from '@nestjs/common';
import type { Logger } from 'pino';

/** Nest's own lines, and those of `new Logger('Name')` from @nestjs/common, as pino lines. */
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
    // Nest passes the name of the logger last, and of an error perhaps its stack before that.
    const context = rest.at(-1);
    const fields: Record<string, unknown> = typeof context === 'string' ? { context } : {};
    // Nest's lines on every module and route at start are of no use to an operator.
    const shown = level === 'info' && typeof context === 'string' && NOISY_CONTEXTS.has(context) ? 'debug' : level;
    const more = rest.find((item) => typeof item === 'object' && item !== null);
    if (more instanceof Error) fields.error = more;
    else if (more) Object.assign(fields, more);
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
