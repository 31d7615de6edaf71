import { currentContext, type Log } from '@chat/shared/observability';
import { newId } from '@chat/shared/database';
import { PUBLIC_CODES, shortened, toAppError } from '@chat/shared/errors';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';

/** How the messages of graphql-js for variables and arguments that do not match their types begin. */
const INPUT_ERRORS = ['Variable "$', 'Argument "', 'Too many errors processing variables'];
const SUGGESTION = ' Did you mean ';
const MAX_LOCATIONS = 5;

/**
 * Converts every error to the GraphQL error that the client receives. AppErrors and errors in the document keep their message and code; all
 * others are masked, and logged once with the request id that the client receives.
 */
export class PublicErrors {
  constructor(
    private readonly logger: Log,
    private readonly options: { suggestions: boolean },
  ) {}

  format(error: unknown): GraphQLFormattedError {
    const cause = originOf(error);
    const position = error instanceof GraphQLError ? positionOf(error) : {};
    if (cause instanceof GraphQLError) {
      const { message } = error as GraphQLError;
      const code = codeOf(error) ?? (INPUT_ERRORS.some((start) => message.startsWith(start)) ? PUBLIC_CODES.invalid : null);
      if (code !== null) return { message: shortened(this.withoutSuggestion(message)), ...position, extensions: { code } };
    }
    const appError = toAppError(cause);
    const { kind, message, details } = appError;
    const code = PUBLIC_CODES[kind];
    // One that says when to retry refuses work under load, which clients can cause as often as they like.
    if (kind === 'unavailable' && details.retryAfterSeconds === undefined)
      this.logger.warn(
        { error: appError.cause ?? appError, code: appError.code },
        'an operation failed because a dependency is unavailable',
      );
    if (kind !== 'internal') return { message: shortened(message), ...position, extensions: { ...details, code } };
    const requestId = currentContext()?.correlationId ?? newId();
    this.logger.error({ error: appError.cause ?? appError, requestId, path: position.path?.join('.') }, 'an operation failed');
    return { message: 'Something went wrong on our side.', ...position, extensions: { code, requestId } };
  }

  private withoutSuggestion(message: string): string {
    const start = message.lastIndexOf(SUGGESTION);
    return this.options.suggestions || start < 0 || !message.endsWith('?') ? message : message.slice(0, start);
  }
}

function originOf(error: unknown): unknown {
  let origin = error;
  while (origin instanceof GraphQLError && origin.originalError) origin = origin.originalError;
  return origin;
}

/** The code that graphql-js or Apollo set. */
function codeOf(error: unknown): string | null {
  for (let current = error; current instanceof GraphQLError; current = current.originalError) {
    const { code } = current.extensions;
    // Apollo's code for a body that is not a GraphQL request.
    if (code === 'BAD_REQUEST') return PUBLIC_CODES.invalid;
    if (typeof code === 'string' && code !== PUBLIC_CODES.internal) return code;
  }
  return null;
}

function positionOf({ locations, path }: GraphQLError): Pick<GraphQLFormattedError, 'locations' | 'path'> {
  return { ...(locations ? { locations: locations.slice(0, MAX_LOCATIONS) } : {}), ...(path ? { path } : {}) };
}
