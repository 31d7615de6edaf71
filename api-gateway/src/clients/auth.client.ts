import type {
  Account,
  AuthTokens,
  CodeRequest,
  CompleteLoginRequest,
  ChangePasswordRequest,
  DeleteAccountRequest,
  RevokedSessionCount,
  ForgotPasswordRequest,
  LoginRequest,
  UserSession,
  RecoveryCodes,
  RefreshRequest,
  RegisterRequest,
  ResetPasswordRequest,
  SessionCheck,
  SessionCheckRequest,
  TotpSetup,
  VerifyEmailRequest,
  RequestToken,
} from '@chat/shared/contracts';
import { pathOf, ServiceClient } from '@chat/shared/http';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { GatewayConfig } from '../config.js';
import type { ClientHeaders } from './client-headers.js';
import { withoutNulls } from './without-nulls.js';

/** More than the requests that wait in auth-service (PASSWORD_QUEUE_LENGTH, for checks and for new hashes). */
const MAX_CONNECTIONS = 256;

@Injectable()
export class AuthClient implements OnApplicationShutdown {
  private readonly http: ServiceClient;

  constructor(config: GatewayConfig) {
    const { authServiceUrl: baseUrl } = config;
    // Under load a request waits until auth-service can hash its password. auth-service shares that fairly and refuses the rest, so all of these
    // requests must reach it: if they waited here, in the order of their arrival, registrations would keep users from signing in.
    this.http = new ServiceClient({ baseUrl, serviceName: 'auth-service', timeoutMs: 8000, connections: MAX_CONNECTIONS });
  }

  register(input: { [K in keyof RegisterRequest]: RegisterRequest[K] | null }, headers: ClientHeaders): Promise<AuthTokens> {
    return this.http.request({ method: 'POST', path: '/auth/register', body: withoutNulls(input), headers });
  }

  login(body: LoginRequest, headers: ClientHeaders, token?: string): Promise<AuthTokens> {
    return this.http.request({ method: 'POST', path: '/auth/login', body, headers, token });
  }

  refresh(body: RefreshRequest, headers: ClientHeaders): Promise<AuthTokens> {
    return this.http.request({ method: 'POST', path: '/auth/refresh', body, headers });
  }

  getMe(token: RequestToken): Promise<Account> {
    return this.http.request({ method: 'GET', path: '/auth/me', token });
  }

  async logout(token: RequestToken): Promise<void> {
    await this.http.request({ method: 'POST', path: '/auth/logout', token });
  }

  async deleteAccount(
    body: { [K in keyof DeleteAccountRequest]: DeleteAccountRequest[K] | null },
    token: RequestToken,
    headers: ClientHeaders,
  ): Promise<void> {
    await this.http.request({ method: 'POST', path: '/auth/account/delete', body: withoutNulls(body), token, headers });
  }

  async changePassword(body: ChangePasswordRequest, token: RequestToken, headers: ClientHeaders): Promise<void> {
    await this.http.request({ method: 'POST', path: '/auth/password/change', body, token, headers });
  }

  getSessions(token: RequestToken): Promise<UserSession[]> {
    return this.http.request({ method: 'GET', path: '/auth/sessions', token });
  }

  async revokeSession(sessionId: string, token: RequestToken, headers: ClientHeaders): Promise<void> {
    await this.http.request({ method: 'DELETE', path: pathOf('auth', 'sessions', sessionId), token, headers });
  }

  revokeOtherSessions(token: RequestToken, headers: ClientHeaders): Promise<RevokedSessionCount> {
    return this.http.request({ method: 'POST', path: '/auth/sessions/revoke-others', token, headers });
  }

  completeLogin(body: CompleteLoginRequest, headers: ClientHeaders, token?: string): Promise<AuthTokens> {
    return this.http.request({ method: 'POST', path: '/auth/login/complete', body, headers, token });
  }

  startTotpSetup(token: RequestToken, headers: ClientHeaders): Promise<TotpSetup> {
    return this.http.request({ method: 'POST', path: '/auth/totp/setup', token, headers });
  }

  confirmTotpSetup(body: CodeRequest, token: RequestToken, headers: ClientHeaders): Promise<RecoveryCodes> {
    return this.http.request({ method: 'POST', path: '/auth/totp/confirm', body, token, headers });
  }

  async disableTotp(body: CodeRequest, token: RequestToken, headers: ClientHeaders): Promise<void> {
    await this.http.request({ method: 'POST', path: '/auth/totp/disable', body, token, headers });
  }

  async requestEmailVerification(token: RequestToken, headers: ClientHeaders): Promise<void> {
    await this.http.request({ method: 'POST', path: '/auth/email/verification', token, headers });
  }

  async verifyEmail(body: VerifyEmailRequest, headers: ClientHeaders): Promise<void> {
    await this.http.request({ method: 'POST', path: '/auth/email/verify', body, headers });
  }

  async requestPasswordReset(body: ForgotPasswordRequest, headers: ClientHeaders): Promise<void> {
    await this.http.request({ method: 'POST', path: '/auth/password/forgot', body, headers });
  }

  async resetPassword(body: ResetPasswordRequest, headers: ClientHeaders): Promise<void> {
    await this.http.request({ method: 'POST', path: '/auth/password/reset', body, headers });
  }

  /** Which sessions of open sockets are active, and which of their keys are withdrawn. */
  checkSessions(body: SessionCheckRequest, token: RequestToken): Promise<SessionCheck> {
    return this.http.request({ method: 'POST', path: '/auth/sessions/check', body, token });
  }

  /** The public keys with which access tokens are verified. */
  getJwks(): Promise<object> {
    return this.http.request({ method: 'GET', path: '/.well-known/jwks.json' });
  }

  onApplicationShutdown(): Promise<void> {
    return this.http.close();
  }
}
