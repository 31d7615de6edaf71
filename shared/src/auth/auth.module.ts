import { type DynamicModule, Inject, Module, type OnApplicationShutdown, type OnModuleInit, type Provider } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { createLogger } from '../observability/logger.js';
import type { CommonConfig, RedisConfig } from '../config/index.js';
import { AccessTokenVerifier } from './access-token-verifier.js';
import { AuthGuard } from './auth.guard.js';
import { InternalTokens } from './internal-tokens.js';
import { RevokedSessions } from './revoked-sessions.js';
import { MfaEnrollmentTokenVerifier } from './mfa-enrollment-tokens.js';

/** The kinds of tokens that a service accepts, and where. */
export interface AuthModuleOptions {
  /** False in the gateway, whose clients are outside; true by default. */
  acceptInternalTokens?: boolean;
  /** True: provides MfaEnrollmentTokenVerifier, and routes with `@AllowDuringMfaEnrollment()` accept its tokens. False by default. */
  acceptMfaEnrollmentTokens?: boolean;
  /** False: no global guard; the application uses AccessTokenVerifier itself. */
  guard?: boolean;
}

/** Global: provides AccessTokenVerifier, RevokedSessions and InternalTokens, and puts AuthGuard in front of every route. */
@Module({})
export class AuthModule implements OnModuleInit, OnApplicationShutdown {
  constructor(@Inject(RevokedSessions) private readonly revokedSessions: RevokedSessions) {}

  static forRoot(common: CommonConfig, redis: RedisConfig, options: AuthModuleOptions = {}): DynamicModule {
    const { acceptInternalTokens = true, acceptMfaEnrollmentTokens = false, guard = true } = options;
    const logger = createLogger('auth', common.logLevel);
    const revokedSessions = new RevokedSessions({ redis, logger });
    const tokens = {
      jwksUrl: `${common.authServiceUrl}/.well-known/jwks.json`,
      issuer: common.jwtIssuer,
      audience: common.jwtAudience,
      revokedSessions,
    };
    const verifier = new AccessTokenVerifier({ ...tokens, internalSecret: acceptInternalTokens ? common.internalApiSecret : null });
    const provided: Provider[] = [
      { provide: RevokedSessions, useValue: revokedSessions },
      { provide: AccessTokenVerifier, useValue: verifier },
      { provide: InternalTokens, useValue: new InternalTokens(common.internalApiSecret) },
      ...(acceptMfaEnrollmentTokens ? [{ provide: MfaEnrollmentTokenVerifier, useValue: new MfaEnrollmentTokenVerifier(tokens) }] : []),
    ];
    return {
      module: AuthModule,
      global: true,
      providers: [...provided, ...(guard ? [{ provide: APP_GUARD, useClass: AuthGuard }] : [])],
      exports: [RevokedSessions, AccessTokenVerifier, InternalTokens, ...(acceptMfaEnrollmentTokens ? [MfaEnrollmentTokenVerifier] : [])],
    };
  }

  onModuleInit(): void {
    this.revokedSessions.start();
  }

  onApplicationShutdown(): void {
    this.revokedSessions.close();
  }
}
