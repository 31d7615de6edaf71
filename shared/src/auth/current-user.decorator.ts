import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { AppError } from '../errors/index.js';
import type { RpcContext } from '../rpc/index.js';
import type { AuthenticatedUser } from './authenticated-user.js';

/** A request that AuthGuard has accepted; `user` is undefined on `@Public()` routes. */
export interface AuthenticatedRequest {
  user?: AuthenticatedUser;
}

/** The user that makes the request, over HTTP or RPC. On a `@Public()` route there is none: it throws UNAUTHENTICATED. */
export const CurrentUser = createParamDecorator((_data: unknown, context: ExecutionContext): AuthenticatedUser => {
  const { user } =
    context.getType() === 'rpc'
      ? context.switchToRpc().getContext<RpcContext<AuthenticatedUser>>()
      : context.switchToHttp().getRequest<AuthenticatedRequest>();
  if (!user) throw new AppError('unauthenticated', 'auth/token-missing', 'A valid access token is needed.');
  return user;
});
