import { currentContext, type Log } from '@chat/shared/observability';
import { newId } from '@chat/shared/database';
import { PUBLIC_CODES, toAppError } from '@chat/shared/errors';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { exceedsParseLimits } from './document-limits.js';

/** The messages of graphql-js for variables and arguments that do not match their types. */
const INPUT_ERROR = /^(Variable "\$|Argument ")/;
const SUGGESTION = / Did you mean [^?]*\?$/;

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
    if (exceedsParseLimits(cause) && codeOf(error) === 'GRAPHQL_PARSE_FAILED')
      return { message: 'The document is too long or nested too deeply.', extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } };
    if (cause instanceof GraphQLError) {
      const { message } = error as GraphQLError;
      const code = codeOf(error) ?? (INPUT_ERROR.test(message) ? PUBLIC_CODES.invalid : null);
      if (code !== null) return { message: this.withoutSuggestion(message), ...position, extensions: { code } };
    }
    const appError = toAppError(cause);
    const { kind, message, details } = appError;
    const code = PUBLIC_CODES[kind];
    if (kind === 'unavailable')
      this.logger.warn(
        { error: appError.cause ?? appError, code: appError.code },
        'an operation failed because a dependency is unavailable',
      );
    if (kind !== 'internal') return { message, ...position, extensions: { ...details, code } };
    const requestId = currentContext()?.correlationId ?? newId();
    this.logger.error({ error: appError.cause ?? appError, requestId, path: position.path?.join('.') }, 'an operation failed');
    return { message: 'Something went wrong on our side.', ...position, extensions: { code, requestId } };
  }

  private withoutSuggestion(message: string): string {
    return this.options.suggestions ? message : message.replace(SUGGESTION, '');
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
  return { ...(locations ? { locations } : {}), ...(path ? { path } : {}) };
}
