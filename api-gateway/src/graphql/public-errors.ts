import { currentContext, type Log } from '@chat/shared/observability';
import { newId } from '@chat/shared/database';
import { PUBLIC_CODES, toAppError } from '@chat/shared/errors';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { isBeyondParsing } from './document-limits.js';

/** Made by graphql-js from what a client sent: variables and arguments that do not fit their types. */
const ABOUT_INPUT = /^(Variable "\$|Argument ")/;
const SUGGESTION = / Did you mean [^?]*\?$/;

/**
 * What a client gets to read of any error: the one place where errors become GraphQL errors. AppErrors keep their text and code, so do
 * errors about the document itself; everything else is masked, and logged once with the id that the client is told.
 */
export class PublicErrors {
  constructor(
    private readonly logger: Log,
    private readonly options: { suggestions: boolean },
  ) {}

  format(error: unknown): GraphQLFormattedError {
    const cause = originOf(error);
    const place = error instanceof GraphQLError ? placeOf(error) : {};
    if (isBeyondParsing(cause) && codeOf(error) === 'GRAPHQL_PARSE_FAILED')
      return { message: 'The document is too long or nested too deeply.', extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } };
    if (cause instanceof GraphQLError) {
      const { message } = error as GraphQLError;
      const code = codeOf(error) ?? (ABOUT_INPUT.test(message) ? PUBLIC_CODES.invalid : null);
      if (code !== null) return { message: this.withoutHints(message), ...place, extensions: { code } };
    }
    const appError = toAppError(cause);
    const { kind, message, details } = appError;
    const code = PUBLIC_CODES[kind];
    if (kind === 'unavailable')
      this.logger.warn({ error: appError.cause ?? appError, code: appError.code }, 'an operation failed: something it needs is away');
    if (kind !== 'internal') return { message, ...place, extensions: { ...details, code } };
    const requestId = currentContext()?.correlationId ?? newId();
    this.logger.error({ error: appError.cause ?? appError, requestId, path: place.path?.join('.') }, 'an operation failed');
    return { message: 'Something went wrong on our side.', ...place, extensions: { code, requestId } };
  }

  private withoutHints(message: string): string {
    return this.options.suggestions ? message : message.replace(SUGGESTION, '');
  }
}

function originOf(error: unknown): unknown {
  let origin = error;
  while (origin instanceof GraphQLError && origin.originalError) origin = origin.originalError;
  return origin;
}

/** The code that GraphQL itself, or Apollo around it, gave. */
function codeOf(error: unknown): string | null {
  for (let one = error; one instanceof GraphQLError; one = one.originalError) {
    const { code } = one.extensions;
    // Apollo's name for a body that is no GraphQL request.
    if (code === 'BAD_REQUEST') return PUBLIC_CODES.invalid;
    if (typeof code === 'string' && code !== PUBLIC_CODES.internal) return code;
  }
  return null;
}

function placeOf({ locations, path }: GraphQLError): Pick<GraphQLFormattedError, 'locations' | 'path'> {
  return { ...(locations ? { locations } : {}), ...(path ? { path } : {}) };
}
