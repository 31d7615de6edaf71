import { ALLOW_DURING_MFA_ENROLLMENT, PUBLIC_ROUTE } from '@chat/shared/auth';
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { GqlContextType } from '@nestjs/graphql';
import type { GraphqlContext } from './graphql-context.js';

/**
 * Every query, mutation and subscription needs a valid access token unless it is `@Public()`. An MFA enrolment token is accepted only for
 * operations with `@AllowDuringMfaEnrollment()`. REST routes of the gateway are not checked here: all of them are public.
 */
@Injectable()
export class AccessGuard implements CanActivate {
  canActivate(execution: ExecutionContext): boolean | Promise<boolean> {
    if (execution.getType<GqlContextType>() !== 'graphql') return true;
    if (Reflect.getMetadata(PUBLIC_ROUTE, execution.getHandler())) return true;
    return execution
      .getArgByIndex<GraphqlContext>(2)
      .authenticate({ allowMfaEnrollment: Reflect.getMetadata(ALLOW_DURING_MFA_ENROLLMENT, execution.getHandler()) === true })
      .then(() => true);
  }
}
