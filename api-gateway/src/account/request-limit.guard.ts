import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { clientHeadersOf } from '../clients/client-headers.js';
import { GatewayConfig } from '../config.js';
import { OperationLimits } from '../graphql/operation-limits.js';

/** Limits the requests of an address for the REST paths of the gateway, which need no token. */
@Injectable()
export class RequestLimitGuard implements CanActivate {
  constructor(
    private readonly config: GatewayConfig,
    private readonly limits: OperationLimits,
  ) {}

  canActivate(execution: ExecutionContext): boolean {
    const request = execution.switchToHttp().getRequest<FastifyRequest>();
    this.limits.takeRequest(clientHeadersOf(request, this.config.trustedProxies)['x-forwarded-for'] ?? null);
    return true;
  }
}
