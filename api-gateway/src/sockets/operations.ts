import { Injectable } from '@nestjs/common';
import { GraphQLSchemaHost } from '@nestjs/graphql';
import { createSourceEventStream, execute, type ExecutionArgs, type ExecutionResult, GraphQLError } from 'graphql';
import { answerLength, answerTooLong, MAX_ANSWER_CHARACTERS } from '../graphql/answer-length.js';
import { closable } from '../graphql/live-queue.js';
import { DeliveredReceipts } from '../streams/delivered-receipts.js';
import { StreamItem } from '../streams/stream-item.js';
import { ConversationFileUrls } from '../files/conversation-file-urls.js';
import type { MissingUrl } from '../files/file-url-placeholders.js';
import type { GraphqlContext } from '../graphql/graphql-context.js';
import { MAX_VARIABLE_ERRORS } from '../graphql/graphql.options.js';
import { OperationChecks, type OperationRequest } from '../graphql/operation-checks.js';
import type { RequestSource } from '@chat/shared/rate-limits';
import { ItemResolver } from './item-resolver.js';
import { SharedResults } from './shared-results.js';
import { UserTurns } from './user-turns.js';

/** Where the events of one subscription go. */
export interface EventOutput {
  /** Sends a result, which is JSON already; resolves when it is in the buffer of the socket, or when the subscription has ended. */
  send(result: string): Promise<void>;
  /** What the client learns about the errors of a result. */
  withPublicErrors(result: ExecutionResult): ExecutionResult;
  /** Closes the socket: the client connects again and resumes the stream with its cursor. */
  fail(error: unknown): void;
}

/** Executes the operations of sockets. An event is resolved and written as JSON once per selection where its result can be shared. */
@Injectable()
export class SocketOperations {
  private readonly results = new SharedResults();
  private readonly turns = new UserTurns();

  constructor(
    private readonly schemaHost: GraphQLSchemaHost,
    private readonly checks: OperationChecks,
    private readonly delivered: DeliveredReceipts,
    private readonly fileUrls: ConversationFileUrls,
  ) {}

  /** The arguments of an operation, or the errors with which it is refused. */
  prepare(request: OperationRequest, source: RequestSource, contextValue: GraphqlContext): ExecutionArgs | GraphQLError[] {
    const document = this.checks.check(this.schemaHost.schema, request, source);
    if (Array.isArray(document)) return document;
    const { operationName, variables } = request;
    return {
      schema: this.schemaHost.schema,
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

  /** The events go to `output`; what the answer yields is sent by graphql-ws. */
  async subscribe(args: ExecutionArgs, output: EventOutput): Promise<AsyncGenerator<ExecutionResult, void> | ExecutionResult> {
    const source = await createSourceEventStream(args);
    if (!(Symbol.asyncIterator in source)) return source;
    const events = source as AsyncGenerator<unknown, void>;
    return closable(this.resultsOf(events, args, output), () => void events.return());
  }

  private async *resultsOf(
    events: AsyncGenerator<unknown, void>,
    args: ExecutionArgs,
    output: EventOutput,
  ): AsyncGenerator<ExecutionResult, void> {
    const shared = this.results.of(args);
    const base = args.contextValue as GraphqlContext;
    const userId = base.user?.userId ?? '';
    const items = new ItemResolver(args, output.withPublicErrors);
    const urlOf = (url: MissingUrl) => this.fileUrls.urlFor(base.user!.userId, url);
    try {
      for await (const event of events) {
        if (!(event instanceof StreamItem)) {
          yield await execute({ ...args, rootValue: event, contextValue: base.fork() });
          continue;
        }
        const result = shared.get(event, () => this.turns.run(userId, () => items.resolve(event)));
        const text = result instanceof Promise ? await result : result;
        // The next item is requested when this one was written to the socket.
        await output.send(text.with(event.cursor, urlOf));
        if (event.received && !base.ended?.aborted) this.delivered.add(event.received);
      }
    } catch (error) {
      output.fail(error);
    }
  }
}

function asGraphQLError(originalError: Error): GraphQLError {
  return new GraphQLError(originalError.message, { originalError });
}
