import { ALLOW_DURING_MFA_ENROLLMENT, PUBLIC_ROUTE } from '@chat/shared/auth';
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { GqlContextType } from '@nestjs/graphql';
import type { GraphqlContext } from './graphql-context.js';

/**
 * Every query, mutation and subscription needs a valid access token unless it is `@Public()`. An MFA enrolment token is accepted only for
 * operations with `@AllowDuringMfaEnrollment()`. REST routes of the gateway are not checked here: all of them are public.
 */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  async canActivate(execution: ExecutionContext): Promise<boolean> {
    if (execution.getType<GqlContextType>() !== 'graphql') return true;
    const targets = [execution.getHandler(), execution.getClass()];
    if (this.reflector.getAllAndOverride<boolean>(PUBLIC_ROUTE, targets)) return true;
    const allowMfaEnrollment = this.reflector.getAllAndOverride<boolean>(ALLOW_DURING_MFA_ENROLLMENT, targets) === true;
    await execution.getArgByIndex<GraphqlContext>(2).authenticate({ allowMfaEnrollment });
    return true;
  }
}
