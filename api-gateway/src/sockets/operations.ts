import type { Log } from '@chat/shared/observability';
import {
  createSourceEventStream,
  type DocumentNode,
  execute,
  type ExecutionArgs,
  type ExecutionResult,
  getOperationAST,
  GraphQLError,
  type GraphQLSchema,
  NoSchemaIntrospectionCustomRule,
  parse,
  specifiedRules,
  validate,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import { closable } from '../graphql/live-queue.js';
import { CURSOR_PLACEHOLDER, StreamItem } from '../streams/stream-item.js';
import { documentLimits, exceedsParseLimits, PARSE_OPTIONS } from '../graphql/document-limits.js';
import type { GraphqlContext } from '../graphql/graphql-context.js';
import { SharedResults } from './shared-results.js';

const MAX_CACHED_DOCUMENTS = 500;
/** A syntax tree takes many times the memory of its text. */
const MAX_CACHED_CHARACTERS = 1_000_000;
const MAX_CACHED_DOCUMENT_CHARACTERS = 20_000;

interface ValidatedDocument {
  document: DocumentNode | null;
  errors: GraphQLError[];
}

/** Executes the operations of sockets. A document is parsed and validated once, and an event is resolved once per selection where its result can be shared. */
export class SocketOperations {
  private readonly documents = new LRUCache<string, ValidatedDocument>({ max: MAX_CACHED_DOCUMENTS, maxSize: MAX_CACHED_CHARACTERS });
  private readonly results: SharedResults;
  private readonly rules;

  constructor(
    private readonly schema: GraphQLSchema,
    private readonly logger: Log,
    options: { introspection: boolean },
  ) {
    this.rules = [...specifiedRules, documentLimits, ...(options.introspection ? [] : [NoSchemaIntrospectionCustomRule])];
    this.results = new SharedResults();
  }

  /** The arguments of an operation, or the errors with which it is rejected. */
  prepare(
    payload: { query: string; operationName?: string | null; variables?: Record<string, unknown> | null },
    contextValue: GraphqlContext,
  ): ExecutionArgs | GraphQLError[] {
    const { document, errors } = this.validated(payload.query);
    if (!document || errors.length > 0) return errors;
    const operationName = payload.operationName ?? undefined;
    if (!getOperationAST(document, operationName))
      return [new GraphQLError('There is no such operation in the document.', { extensions: { code: 'OPERATION_RESOLUTION_FAILURE' } })];
    return { schema: this.schema, document, operationName, variableValues: payload.variables ?? {}, contextValue };
  }

  async execute(args: ExecutionArgs): Promise<ExecutionResult> {
    return execute(args);
  }

  /** `onFailure` closes the socket: the client connects again and resumes the stream with its cursor. */
  async subscribe(
    args: ExecutionArgs,
    onFailure: (error: unknown) => void,
  ): Promise<AsyncGenerator<ExecutionResult, void> | ExecutionResult> {
    const source = await createSourceEventStream(args);
    if (!(Symbol.asyncIterator in source)) return source;
    const events = source as AsyncGenerator<unknown, void>;
    return closable(this.resultsOf(events, args, onFailure), () => void events.return());
  }

  private async *resultsOf(
    events: AsyncGenerator<unknown, void>,
    args: ExecutionArgs,
    onFailure: (error: unknown) => void,
  ): AsyncGenerator<ExecutionResult, void> {
    const shared = this.results.of(args);
    const base = args.contextValue as GraphqlContext;
    let page: object | null = null;
    let pageContext = base.fork();
    try {
      for await (const event of events) {
        if (!(event instanceof StreamItem)) {
          yield await execute({ ...args, rootValue: event, contextValue: base.fork() });
          continue;
        }
        if (event.page === null || event.page !== page) pageContext = base.fork();
        else pageContext.startNextEvent();
        page = event.page;
        const resolve = () => execute({ ...args, rootValue: event.root, contextValue: pageContext });
        const resolved = event.shareKey === null ? resolve() : shared.get(event, resolve, pageContext);
        const result = resolved instanceof Promise ? await resolved : resolved;
        yield event.cursor === null ? result : withCursor(result, event.cursor);
      }
    } catch (error) {
      onFailure(error);
    }
  }

  private validated(query: string): ValidatedDocument {
    const cached = this.documents.get(query);
    if (cached) return cached;
    const validated = this.parseAndValidate(query);
    if (query.length <= MAX_CACHED_DOCUMENT_CHARACTERS) this.documents.set(query, validated, { size: query.length + 1 });
    return validated;
  }

  private parseAndValidate(query: string): ValidatedDocument {
    try {
      const document = parse(query, PARSE_OPTIONS);
      const errors = validate(this.schema, document, this.rules, { maxErrors: 20 });
      return { document, errors: errors.map((error) => withCode(error, 'GRAPHQL_VALIDATION_FAILED')) };
    } catch (error) {
      if (error instanceof GraphQLError) return { document: null, errors: [withCode(error, 'GRAPHQL_PARSE_FAILED')] };
      if (exceedsParseLimits(error))
        return {
          document: null,
          errors: [new GraphQLError('', { originalError: error as Error, extensions: { code: 'GRAPHQL_PARSE_FAILED' } })],
        };
      this.logger.error({ error }, 'a document could not be validated');
      throw error;
    }
  }
}

function withCode(error: GraphQLError, code: string): GraphQLError {
  const { message, nodes, source, positions, path } = error;
  return new GraphQLError(message, { nodes, source, positions, path, extensions: { code } });
}

/** A copy of the shared result with the cursor of this socket. */
function withCursor(result: ExecutionResult, cursor: string): ExecutionResult {
  if (!result.data) return result;
  const data: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(result.data)) {
    const event = { ...(value as Record<string, unknown>) };
    for (const name in event) if (event[name] === CURSOR_PLACEHOLDER) event[name] = cursor;
    data[field] = event;
  }
  return { ...result, data };
}
