import { Controller, Get, Header } from '@nestjs/common';
import { AuthClient } from '../clients/auth.client.js';

/** auth-service's public keys, for clients that verify tokens themselves: they know the gateway's address only. */
@Controller('.well-known')
export class JwksController {
  constructor(private readonly auth: AuthClient) {}

  @Get('jwks.json')
  @Header('cache-control', 'public, max-age=60')
  getJwks(): Promise<object> {
    return this.auth.getJwks();
  }
}
