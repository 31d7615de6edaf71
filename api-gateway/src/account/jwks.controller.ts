import { Controller, Get, Header, UseGuards } from '@nestjs/common';
import { AuthClient } from '../clients/auth.client.js';
import { RequestLimitGuard } from './request-limit.guard.js';

/** The public keys of auth-service, for clients that verify access tokens themselves: clients know only the address of the gateway. */
@Controller('.well-known')
@UseGuards(RequestLimitGuard)
export class JwksController {
  constructor(private readonly auth: AuthClient) {}

  @Get('jwks.json')
  @Header('cache-control', 'public, max-age=60')
  getJwks(): Promise<object> {
    return this.auth.getJwks();
  }
}
