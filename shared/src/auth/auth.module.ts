import {
  type DynamicModule,
  Inject,
  Module,
  type OnApplicationShutdown,
  type OnModuleInit,
  type Provider,
  type Type,
} from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { createLogger } from '../observability/logger.js';
import type { KeyObject } from 'node:crypto';
import type { CommonConfig, InternalPublicKey, RedisConfig } from '../config/index.js';
import type { ServiceName } from '../contracts/index.js';
import { AccessTokenVerifier } from './access-token-verifier.js';
import { AuthGuard } from './auth.guard.js';
import { InternalTokens } from './internal-tokens.js';
import { RevokedSessions } from './revoked-sessions.js';
import { MfaEnrollmentTokenVerifier } from './mfa-enrollment-tokens.js';

/** The tokens that a service accepts and issues. */
export interface AuthModuleOptions {
  service: ServiceName;
  /** The keys of the services whose internal tokens are accepted. Undefined in the gateway, whose clients are outside: none are. */
  publicKeys?: InternalPublicKey[];
  /** The private key of a service that makes requests to others: InternalTokens is provided. */
  signingKey?: KeyObject;
  /** True: provides MfaEnrollmentTokenVerifier, and routes with `@AllowDuringMfaEnrollment()` accept its tokens. False by default. */
  acceptMfaEnrollmentTokens?: boolean;
  /** False: no global guard; the application uses AccessTokenVerifier itself. */
  guard?: boolean;
}

/** Global: provides AccessTokenVerifier, RevokedSessions and, with a signing key, InternalTokens, and puts AuthGuard in front of every route. */
@Module({})
export class AuthModule implements OnModuleInit, OnApplicationShutdown {
  constructor(
    @Inject(RevokedSessions) private readonly revokedSessions: RevokedSessions,
    @Inject(AccessTokenVerifier) private readonly verifier: AccessTokenVerifier,
  ) {}

  static forRoot(common: CommonConfig, redis: RedisConfig, options: AuthModuleOptions): DynamicModule {
    const { service, publicKeys, signingKey, acceptMfaEnrollmentTokens = false, guard = true } = options;
    const logger = createLogger('auth', common.logLevel);
    const revokedSessions = new RevokedSessions({ redis, logger });
    const tokens = {
      jwksUrl: `${common.authServiceUrl}/.well-known/jwks.json`,
      issuer: common.jwtIssuer,
      audience: common.jwtAudience,
      revokedSessions,
    };
    const internalTokens = publicKeys && { receiver: service, publicKeys, logger };
    const verifier = new AccessTokenVerifier({ ...tokens, internalTokens });
    const provided: Exclude<Provider, Type>[] = [
      { provide: RevokedSessions, useValue: revokedSessions },
      { provide: AccessTokenVerifier, useValue: verifier },
      ...(signingKey ? [{ provide: InternalTokens, useValue: new InternalTokens(service, signingKey) }] : []),
      ...(acceptMfaEnrollmentTokens ? [{ provide: MfaEnrollmentTokenVerifier, useValue: new MfaEnrollmentTokenVerifier(tokens) }] : []),
    ];
    return {
      module: AuthModule,
      global: true,
      providers: [...provided, ...(guard ? [{ provide: APP_GUARD, useClass: AuthGuard }] : [])],
      exports: provided.map(({ provide }) => provide),
    };
  }

  onModuleInit(): void {
    this.revokedSessions.start();
    // Otherwise the first users of a new instance are refused while auth-service is unavailable.
    void this.verifier.prepare();
  }

  onApplicationShutdown(): void {
    this.revokedSessions.close();
  }
}
