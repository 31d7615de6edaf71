import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { GraphqlContext } from './graphql-context.js';

/**
 * The access token of a request to a public operation, not verified here: auth-service revokes its session when the login opens another
 * one for the same account. Undefined on a socket, because a socket keeps its own session.
 */
export const BearerToken = createParamDecorator(
  (_: unknown, execution: ExecutionContext) => execution.getArgByIndex<GraphqlContext>(2).bearerToken,
);
