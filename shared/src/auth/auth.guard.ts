import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AppError } from '../errors/index.js';
import { AccessTokenVerifier, bearerToken } from './access-token-verifier.js';
import type { AuthenticatedRequest } from './current-caller.decorator.js';
import { PUBLIC_ROUTE } from './public.decorator.js';

/** Every HTTP route needs a valid bearer token unless it is `@Public()`. Event handlers have no caller and pass. */
@Injectable()
export class AuthGuard implements CanActivate {
  constructor(
    @Inject(AccessTokenVerifier) private readonly verifier: AccessTokenVerifier,
    @Inject(Reflector) private readonly reflector: Reflector,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const type = context.getType<string>();
    if (type === 'rpc') return true;
    if (this.reflector.getAllAndOverride<boolean>(PUBLIC_ROUTE, [context.getHandler(), context.getClass()])) return true;
    if (type !== 'http') throw new AppError('forbidden', 'auth/not-http', 'This is not allowed.');
    const request = context.switchToHttp().getRequest<AuthenticatedRequest & { headers: { authorization?: string } }>();
    const token = bearerToken(request.headers.authorization);
    if (token === undefined) throw new AppError('unauthenticated', 'auth/token-missing', 'A valid access token is needed.');
    request.caller = await this.verifier.verify(token);
    return true;
  }
}
