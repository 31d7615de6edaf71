import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { GraphqlContext } from './graphql-context.js';

/** The caller, whom AccessGuard has let in. */
export const SignedIn = createParamDecorator(
  (_: unknown, execution: ExecutionContext) => execution.getArgByIndex<GraphqlContext>(2).caller,
);
