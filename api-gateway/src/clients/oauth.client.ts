import type {
  AuthTokens,
  ExchangeOAuthCodeRequest,
  IdTokenRequest,
  LinkedAccount,
  OAuthProviderName,
  OAuthStart,
  OAuthStartRequest,
  RequestToken,
} from '@chat/shared/contracts';
import { pathOf, ServiceClient } from '@chat/shared/http';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { GatewayConfig } from '../config.js';
import type { ClientHeaders } from './client-headers.js';

/** The part of auth-service for sign-in with other providers. */
@Injectable()
export class OAuthClient implements OnApplicationShutdown {
  private readonly http: ServiceClient;

  constructor(config: GatewayConfig) {
    // auth-service waits for the provider meanwhile.
    this.http = new ServiceClient({ baseUrl: config.authServiceUrl, serviceName: 'auth-service', timeoutMs: 15_000 });
  }

  getProviders(): Promise<OAuthProviderName[]> {
    return this.http.request({ method: 'GET', path: '/auth/oauth/providers' });
  }

  getStart(provider: OAuthProviderName, query: OAuthStartRequest): Promise<OAuthStart> {
    return this.http.request({ method: 'GET', path: pathOf('auth', 'oauth', 'url', provider), query: { ...query } });
  }

  exchangeCode(body: ExchangeOAuthCodeRequest, headers: ClientHeaders, token?: string): Promise<AuthTokens> {
    return this.http.request({ method: 'POST', path: '/auth/oauth/exchange', body, headers, token });
  }

  signInWithIdToken(body: IdTokenRequest, headers: ClientHeaders, token?: string): Promise<AuthTokens> {
    return this.http.request({ method: 'POST', path: '/auth/oauth/id-token', body, headers, token });
  }

  getLinked(token: RequestToken): Promise<LinkedAccount[]> {
    return this.http.request({ method: 'GET', path: '/auth/oauth/linked', token });
  }

  async unlink(provider: OAuthProviderName, token: RequestToken, headers: ClientHeaders): Promise<void> {
    await this.http.request({ method: 'DELETE', path: pathOf('auth', 'oauth', 'linked', provider), token, headers });
  }

  onApplicationShutdown(): Promise<void> {
    return this.http.close();
  }
}
