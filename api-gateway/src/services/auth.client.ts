import type { Account, AuthTokens, LoginRequest, RefreshRequest, RegisterRequest } from '@chat/shared/contracts';
import { ServiceClient } from '@chat/shared/http';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { GatewayConfig } from '../config.js';
import { withoutNulls } from './without-nulls.js';

@Injectable()
export class AuthClient implements OnApplicationShutdown {
  // Passwords are hashed one after the other under load, which takes its time.
  private readonly http: ServiceClient;

  constructor(config: GatewayConfig) {
    this.http = new ServiceClient({ baseUrl: config.authServiceUrl, serviceName: 'auth-service', timeoutMs: 8000 });
  }

  register(input: { [K in keyof RegisterRequest]: RegisterRequest[K] | null }): Promise<AuthTokens> {
    return this.http.request({ method: 'POST', path: '/auth/register', body: withoutNulls(input) });
  }

  login(body: LoginRequest): Promise<AuthTokens> {
    return this.http.request({ method: 'POST', path: '/auth/login', body });
  }

  refresh(body: RefreshRequest): Promise<AuthTokens> {
    return this.http.request({ method: 'POST', path: '/auth/refresh', body });
  }

  getMe(token: string): Promise<Account> {
    return this.http.request({ method: 'GET', path: '/auth/me', token });
  }

  async logout(token: string): Promise<void> {
    await this.http.request({ method: 'POST', path: '/auth/logout', token });
  }

  /** The public keys, for whoever verifies access tokens. */
  getJwks(): Promise<object> {
    return this.http.request({ method: 'GET', path: '/.well-known/jwks.json' });
  }

  onApplicationShutdown(): Promise<void> {
    return this.http.close();
  }
}
