import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  NoSchemaIntrospectionCustomRule,
  parse,
  specifiedRules,
  validate,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import { exceededLimit, MAX_DOCUMENT_CHARACTERS, PARSE_OPTIONS } from './document-limits.js';

const MAX_CACHED_DOCUMENTS = 500;
/** A syntax tree takes many times the memory of its text. */
const MAX_CACHED_CHARACTERS = 1_000_000;
const MAX_CACHED_DOCUMENT_CHARACTERS = 20_000;
/** The answer to a rejected document is short. */
const MAX_ERRORS = 5;

/** A document that may be executed, or the errors with which it is rejected. */
export type ValidatedDocument = { document: DocumentNode; errors: null } | { document: null; errors: GraphQLError[] };

/** Parses and validates documents, over HTTP and sockets alike: each text once, its limits first. */
export class Documents {
  private readonly cache = new LRUCache<string, ValidatedDocument>({ max: MAX_CACHED_DOCUMENTS, maxSize: MAX_CACHED_CHARACTERS });
  private readonly rules;

  constructor(private readonly options: { introspection: boolean; suggestions: boolean }) {
    this.rules = [...specifiedRules, ...(options.introspection ? [] : [NoSchemaIntrospectionCustomRule])];
  }

  validated(schema: GraphQLSchema, text: string): ValidatedDocument {
    const cached = this.cache.get(text);
    if (cached) return cached;
    const validated = this.validate(schema, text);
    if (text.length <= MAX_CACHED_DOCUMENT_CHARACTERS) this.cache.set(text, validated, { size: text.length + 1 });
    return validated;
  }

  private validate(schema: GraphQLSchema, text: string): ValidatedDocument {
    if (text.length > MAX_DOCUMENT_CHARACTERS) return TOO_LONG;
    try {
      const document = parse(text, PARSE_OPTIONS);
      const limit = exceededLimit(document);
      if (limit) return rejected([limit], 'GRAPHQL_VALIDATION_FAILED');
      const options = { maxErrors: MAX_ERRORS, hideSuggestions: !this.options.suggestions };
      const errors = validate(schema, document, this.rules, options);
      return errors.length > 0 ? rejected(errors, 'GRAPHQL_VALIDATION_FAILED') : { document, errors: null };
    } catch (error) {
      // RangeError: nesting that overflows the stack.
      if (error instanceof RangeError) return TOO_LONG;
      if (error instanceof GraphQLError)
        return error.message.startsWith('Syntax Error: Document contains more') ? TOO_LONG : rejected([error], 'GRAPHQL_PARSE_FAILED');
      throw error;
    }
  }
}

const TOO_LONG = rejected([new GraphQLError('The document is too long or nested too deeply.')], 'GRAPHQL_VALIDATION_FAILED');

function rejected(errors: readonly GraphQLError[], code: string): ValidatedDocument {
  return {
    document: null,
    errors: errors.map(
      ({ message, nodes, source, positions }) => new GraphQLError(message, { nodes, source, positions, extensions: { code } }),
    ),
  };
}
