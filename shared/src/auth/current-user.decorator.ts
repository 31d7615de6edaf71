import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { AppError } from '../errors/index.js';
import type { RpcContext } from '../rpc/index.js';
import type { AuthenticatedUser } from './authenticated-user.js';

/** A request that AuthGuard let through. */
export interface AuthenticatedRequest {
  user?: AuthenticatedUser;
}

/** The user that makes the request, over HTTP or RPC. Not for `@Public()` routes: there it is UNAUTHENTICATED. */
export const CurrentUser = createParamDecorator((_data: unknown, context: ExecutionContext): AuthenticatedUser => {
  const { user } =
    context.getType() === 'rpc'
      ? context.switchToRpc().getContext<RpcContext<AuthenticatedUser>>()
      : context.switchToHttp().getRequest<AuthenticatedRequest>();
  if (!user) throw new AppError('unauthenticated', 'auth/token-missing', 'A valid access token is needed.');
  return user;
});
