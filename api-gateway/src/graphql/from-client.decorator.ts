import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { GraphqlContext } from './graphql-context.js';

/** The headers that tell auth-service which client sent the operation: its program, device and address. */
export const FromClient = createParamDecorator((_: unknown, execution: ExecutionContext) =>
  execution.getArgByIndex<GraphqlContext>(2).clientHeaders(),
);
