import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { GraphqlContext } from './graphql-context.js';

/**
 * The access token that came with an operation which needs none, not looked at: auth-service ends its session when the sign-in opens
 * another one for the same account. Undefined on a socket, which lives by its own session.
 */
export const PresentedToken = createParamDecorator(
  (_: unknown, execution: ExecutionContext) => execution.getArgByIndex<GraphqlContext>(2).presentedToken,
);
