import { type DynamicModule, Module } from '@nestjs/common';
import { AuthModule } from '@chat/shared/auth';
import type { Log } from '@chat/shared/observability';
import { OutboxModule } from '@chat/shared/outbox';
import { RateLimitsModule } from './rate-limits/rate-limits.module.js';
import { RegistrationModule } from './registration/registration.module.js';
import { AuthConfig } from './config.js';
import { SCHEMA } from './data-source.js';
import { OAuthModule } from './oauth/oauth.module.js';
import { PasswordsModule } from './passwords/passwords.module.js';
import { SecretsModule } from './secrets/secrets.module.js';
import { SessionsModule } from './sessions/sessions.module.js';
import { SignInModule } from './sign-in/sign-in.module.js';
import { SigningKeysModule } from './signing-keys/signing-keys.module.js';

@Module({})
export class AppModule {
  static forRoot(config: AuthConfig, logger: Log): DynamicModule {
    return {
      module: AppModule,
      imports: [
        SecretsModule.forRoot(config),
        // Bearer tokens are verified as in every service, with the keys that this process publishes.
        AuthModule.forRoot({ ...config, authServiceUrl: ownUrl(config) }, config.redis, {
          service: 'auth-service',
          publicKeys: config.internalReceiver.publicKeys,
          acceptMfaEnrollmentTokens: true,
        }),
        OutboxModule.forRoot({ config: config.database, schema: SCHEMA, kafka: config.kafka, redis: config.redis, logger }),
        RateLimitsModule,
        SigningKeysModule,
        SessionsModule,
        PasswordsModule,
        SignInModule,
        RegistrationModule,
        OAuthModule,
      ],
    };
  }
}

function ownUrl({ host, port }: AuthConfig): string {
  if (host === '0.0.0.0' || host === '::') return `http://127.0.0.1:${port}`;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
