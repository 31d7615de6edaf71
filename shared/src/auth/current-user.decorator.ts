import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { AppError } from '../errors/index.js';
import type { AuthenticatedUser } from './authenticated-user.js';

/** A request that AuthGuard let through. */
export interface AuthenticatedRequest {
  user?: AuthenticatedUser;
}

/** Whom the request is made for. Not for `@Public()` routes: there it is UNAUTHENTICATED. */
export const CurrentUser = createParamDecorator((_data: unknown, context: ExecutionContext): AuthenticatedUser => {
  const { user: caller } = context.switchToHttp().getRequest<AuthenticatedRequest>();
  if (!caller) throw new AppError('unauthenticated', 'auth/token-missing', 'A valid access token is needed.');
  return caller;
});
