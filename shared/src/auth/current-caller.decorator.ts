import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { AppError } from '../errors/index.js';
import type { Caller } from './caller.js';

/** A request that AuthGuard let through. */
export interface AuthenticatedRequest {
  caller?: Caller;
}

/** Whom the request is made for. Not for `@Public()` routes: there it is UNAUTHENTICATED. */
export const CurrentCaller = createParamDecorator((_data: unknown, context: ExecutionContext): Caller => {
  const { caller } = context.switchToHttp().getRequest<AuthenticatedRequest>();
  if (!caller) throw new AppError('unauthenticated', 'auth/token-missing', 'A valid access token is needed.');
  return caller;
});
