import type { RequestSource } from '@chat/shared/rate-limits';
import { Injectable } from '@nestjs/common';
import { type DocumentNode, getOperationAST, GraphQLError, type GraphQLSchema } from 'graphql';
import { Documents } from './documents.js';
import { OperationLimits } from './operation-limits.js';

/** An operation as a client sends it. */
export interface OperationRequest {
  query: string;
  operationName?: string | null | undefined;
  variables?: Record<string, unknown> | null | undefined;
}

/** The checks of an operation before its execution, over HTTP and sockets alike: rate limits, limits of the document, rules of GraphQL. */
@Injectable()
export class OperationChecks {
  constructor(
    private readonly documents: Documents,
    private readonly limits: OperationLimits,
  ) {}

  /** The document to execute, or the errors with which the operation is refused. */
  check(
    schema: GraphQLSchema,
    { query, operationName, variables }: OperationRequest,
    source: RequestSource,
  ): DocumentNode | GraphQLError[] {
    try {
      this.limits.checkRejected(source);
      const { document, errors } = this.documents.validated(schema, query);
      const operation = document && getOperationAST(document, operationName);
      if (!operation) {
        this.limits.countRejected(source);
        return errors ?? [NO_SUCH_OPERATION];
      }
      this.limits.takeOperation(document, operation, variables, source);
      return document;
    } catch (refusal) {
      return [new GraphQLError((refusal as Error).message, { originalError: refusal as Error })];
    }
  }
}

const NO_SUCH_OPERATION = new GraphQLError('There is no such operation in the document.', {
  extensions: { code: 'OPERATION_RESOLUTION_FAILURE' },
});
