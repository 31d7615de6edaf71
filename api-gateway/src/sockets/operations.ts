import { createSourceEventStream, execute, type ExecutionArgs, type ExecutionResult, GraphQLError, type GraphQLSchema } from 'graphql';
import { answerLength, answerTooLong, MAX_ANSWER_CHARACTERS } from '../graphql/answer-length.js';
import { closable } from '../graphql/live-queue.js';
import type { DeliveredReceipts } from '../streams/delivered-receipts.js';
import { CURSOR_PLACEHOLDER, StreamItem } from '../streams/stream-item.js';
import type { GraphqlContext } from '../graphql/graphql-context.js';
import { MAX_VARIABLE_ERRORS } from '../graphql/graphql.options.js';
import type { OperationChecks, OperationRequest } from '../graphql/operation-checks.js';
import type { RequestSource } from '@chat/shared/rate-limits';
import { SharedResults } from './shared-results.js';

/** Executes the operations of sockets. An event is resolved once per selection where its result can be shared. */
export class SocketOperations {
  private readonly results = new SharedResults();

  constructor(
    private readonly schema: GraphQLSchema,
    private readonly checks: OperationChecks,
    private readonly delivered: DeliveredReceipts,
  ) {}

  /** The arguments of an operation, or the errors with which it is refused. */
  prepare(request: OperationRequest, source: RequestSource, contextValue: GraphqlContext): ExecutionArgs | GraphQLError[] {
    const document = this.checks.check(this.schema, request, source);
    if (Array.isArray(document)) return document;
    const { operationName, variables } = request;
    return {
      schema: this.schema,
      document,
      operationName: operationName ?? undefined,
      variableValues: variables ?? {},
      contextValue,
      options: { maxCoercionErrors: MAX_VARIABLE_ERRORS },
    };
  }

  async execute(args: ExecutionArgs): Promise<ExecutionResult> {
    const result = await execute(args);
    return answerLength(result) > MAX_ANSWER_CHARACTERS ? { errors: [asGraphQLError(answerTooLong())] } : result;
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
        if (pageContext.streamFailure !== null) throw pageContext.streamFailure;
        yield event.cursor === null ? result : withCursor(result, event.cursor);
        // The next item is requested when this one was written to the socket.
        if (event.received && !base.ended?.aborted) this.delivered.add(event.received);
      }
    } catch (error) {
      onFailure(error);
    }
  }
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

function asGraphQLError(originalError: Error): GraphQLError {
  return new GraphQLError(originalError.message, { originalError });
}
