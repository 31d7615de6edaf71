import { type DynamicModule, Module } from '@nestjs/common';
import { AuthModule } from '@chat/shared/auth';
import type { Log } from '@chat/shared/observability';
import { OutboxModule } from '@chat/shared/outbox';
import { AccountDeletionModule } from './account-deletion/account-deletion.module.js';
import { AccountsModule } from './accounts/accounts.module.js';
import { AuthConfig } from './config.js';
import { SCHEMA } from './data-source.js';
import { EmailVerificationModule } from './email-verification/email-verification.module.js';
import { OAuthModule } from './oauth/oauth.module.js';
import { PasswordChangeModule } from './password-change/password-change.module.js';
import { PasswordResetModule } from './password-reset/password-reset.module.js';
import { SecretsModule } from './secrets/secrets.module.js';
import { SessionsModule } from './sessions/sessions.module.js';
import { SigningKeysModule } from './signing-keys/signing-keys.module.js';

@Module({})
export class AppModule {
  static forRoot(config: AuthConfig, logger: Log): DynamicModule {
    return {
      module: AppModule,
      imports: [
        SecretsModule.forRoot(config),
        // Bearer tokens are verified as everywhere else, with the keys that this very process publishes.
        AuthModule.forRoot({ ...config, authServiceUrl: ownUrl(config) }, config.redis, { acceptMfaEnrollmentTokens: true }),
        OutboxModule.forRoot({ config: config.database, schema: SCHEMA, kafka: config.kafka, redis: config.redis, logger }),
        SigningKeysModule,
        SessionsModule,
        AccountsModule,
        PasswordChangeModule,
        AccountDeletionModule,
        OAuthModule,
        EmailVerificationModule,
        PasswordResetModule,
      ],
    };
  }
}

function ownUrl({ host, port }: AuthConfig): string {
  if (host === '0.0.0.0' || host === '::') return `http://127.0.0.1:${port}`;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
