import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { GraphqlContext } from './graphql-context.js';

const contextOf = (execution: ExecutionContext) => execution.getArgByIndex<GraphqlContext>(2);

/** The user that AccessGuard authenticated. Not for `@Public()` operations. */
export const CurrentUser = createParamDecorator((_: unknown, execution: ExecutionContext) => contextOf(execution).user);

/** The headers that tell auth-service which client sent the operation: its program, device and address. */
export const FromClient = createParamDecorator((_: unknown, execution: ExecutionContext) => contextOf(execution).clientHeaders());

/**
 * The access token of a request to a public operation, not verified here: auth-service revokes its session when the login opens another
 * one for the same account. Undefined on a socket, because a socket keeps its own session.
 */
export const BearerToken = createParamDecorator((_: unknown, execution: ExecutionContext) => contextOf(execution).bearerToken);

/** The bytes that the live items of a subscription may take, together with all others of its socket. */
export const LiveBudget = createParamDecorator((_: unknown, execution: ExecutionContext) => contextOf(execution).liveBudget);

/** Aborted when a subscription has ended, also while it is still beginning. */
export const Ended = createParamDecorator((_: unknown, execution: ExecutionContext) => contextOf(execution).ended);
