import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { GraphqlContext } from './graphql-context.js';

/** The user that AccessGuard authenticated. */
export const CurrentUser = createParamDecorator(
  (_: unknown, execution: ExecutionContext) => execution.getArgByIndex<GraphqlContext>(2).user,
);
