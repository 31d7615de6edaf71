import { applyDecorators, type CanActivate, type ExecutionContext, Injectable, SetMetadata, UseGuards } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ApiTooManyRequestsResponse } from '@nestjs/swagger';
import type { AuthenticatedRequest } from '@chat/shared/auth';
import { addressOf, clientDetailsOf, type ClientRequest } from '../client/client-details.js';
import { AuthRateLimits, type RateLimitClass } from './auth-rate-limits.js';

const RATE_LIMIT_CLASS = 'auth:rate-limit-class';

/** Refuses a request beyond the limits of its class before its body is validated, anything is read from the database, or a password is hashed. */
@Injectable()
export class RateLimitGuard implements CanActivate {
  constructor(
    private readonly limits: AuthRateLimits,
    private readonly reflector: Reflector,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<ClientRequest & AuthenticatedRequest>();
    const name = this.reflector.get<RateLimitClass>(RATE_LIMIT_CLASS, context.getHandler());
    const address = addressOf(clientDetailsOf(request.headers, request.socket.remoteAddress));
    await this.limits.take(name, { user: request.user?.userId ?? null, address });
    return true;
  }
}

/** The route is limited per address and, unless it is `@Public()`, per user. Beyond the limits it answers RATE_LIMITED with `retryAfterSeconds`. */
export const RateLimited = (name: RateLimitClass): MethodDecorator =>
  applyDecorators(
    SetMetadata(RATE_LIMIT_CLASS, name),
    UseGuards(RateLimitGuard),
    ApiTooManyRequestsResponse({ description: 'Too many requests; retry after `retryAfterSeconds`' }),
  );
