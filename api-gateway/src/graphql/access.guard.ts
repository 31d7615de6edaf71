import { ALLOW_DURING_MFA_ENROLLMENT } from '@chat/shared/auth';
import { type CanActivate, type ExecutionContext, Injectable, SetMetadata } from '@nestjs/common';
import type { GqlContextType } from '@nestjs/graphql';
import type { GraphqlContext } from './graphql-context.js';

const OPEN_TO_ALL = 'open-to-all';

/** Marks the few operations that need no access token. */
export const OpenToAll = () => SetMetadata(OPEN_TO_ALL, true);

/**
 * Every query, mutation and subscription needs a signed-in caller unless it is `@OpenToAll()`; those that are not `@DuringSetup()`, one who
 * need not set up a second factor first. Over HTTP each route speaks for itself.
 */
@Injectable()
export class AccessGuard implements CanActivate {
  canActivate(execution: ExecutionContext): boolean | Promise<boolean> {
    if (execution.getType<GqlContextType>() !== 'graphql') return true;
    if (Reflect.getMetadata(OPEN_TO_ALL, execution.getHandler())) return true;
    return execution
      .getArgByIndex<GraphqlContext>(2)
      .signIn({ duringSetup: Reflect.getMetadata(ALLOW_DURING_MFA_ENROLLMENT, execution.getHandler()) === true })
      .then(() => true);
  }
}
