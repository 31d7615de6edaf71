import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AccessTokenVerifier, MfaEnrollmentTokenVerifier } from '@chat/shared/auth';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { AccountDeletionController } from './account-deletion/account-deletion.controller.js';
import { AccountDeletionService } from './account-deletion/account-deletion.service.js';
import { AccountsController } from './accounts/accounts.controller.js';
import { AccountsService } from './accounts/accounts.service.js';
import { PasswordSignInService } from './accounts/password-sign-in.service.js';
import { AuthConfig } from './config.js';
import { IdentitiesService } from './oauth/identities.service.js';
import { OAuthBrowserController } from './oauth/oauth-browser.controller.js';
import { OAuthFlowService } from './oauth/oauth-flow.service.js';
import { OAuthProviders } from './oauth/oauth-providers.js';
import { OAuthSignInService } from './oauth/oauth-sign-in.service.js';
import { OAuthController } from './oauth/oauth.controller.js';
import { PasswordChangeController } from './password-change/password-change.controller.js';
import { PasswordChangeService } from './password-change/password-change.service.js';
import { TotpController } from './second-factor/totp.controller.js';
import { TotpSetupService } from './second-factor/totp-setup.service.js';
import { SecurityEventsController } from './security-events/security-events.controller.js';
import { SecurityLogService } from './security-events/security-log.service.js';
import { OpenSessionsService } from './sessions/open-sessions.service.js';
import { EmailVerificationController } from './email-verification/email-verification.controller.js';
import { EmailVerificationService } from './email-verification/email-verification.service.js';
import { PasswordResetRequestsService } from './password-reset/password-reset-requests.service.js';
import { PasswordResetController } from './password-reset/password-reset.controller.js';
import { PasswordResetService } from './password-reset/password-reset.service.js';
import { SessionsController } from './sessions/sessions.controller.js';
import { SessionsService } from './sessions/sessions.service.js';
import { SignInController } from './sign-in/sign-in.controller.js';
import { SignInService } from './sign-in/sign-in.service.js';
import { SigningKeysController } from './signing-keys/signing-keys.controller.js';
import { SigningKeysService } from './signing-keys/signing-keys.service.js';

export const OPEN_API = { title: 'auth-service', description: 'Accounts, sessions and the keys of access tokens', version: '1.0' };

/** The controllers alone: a document needs nothing that works behind them. */
@Module({
  controllers: [
    AccountsController,
    PasswordChangeController,
    SignInController,
    TotpController,
    SecurityEventsController,
    SessionsController,
    SigningKeysController,
    OAuthBrowserController,
    OAuthController,
    EmailVerificationController,
    PasswordResetController,
    AccountDeletionController,
  ],
  providers: [
    ...[
      AccessTokenVerifier,
      MfaEnrollmentTokenVerifier,
      AccountsService,
      PasswordSignInService,
      SignInService,
      TotpSetupService,
      SecurityLogService,
      SessionsService,
      OpenSessionsService,
      PasswordChangeService,
      SigningKeysService,
      OAuthFlowService,
      OAuthProviders,
      OAuthSignInService,
      IdentitiesService,
      EmailVerificationService,
      PasswordResetRequestsService,
      PasswordResetService,
      AccountDeletionService,
    ].map((service) => ({ provide: service, useValue: {} })),
    { provide: AuthConfig, useValue: { oauth: { publicUrl: '' } } },
  ],
})
class DocumentedModule {}

/** The OpenAPI document of the REST API, made without any infrastructure. */
export async function buildOpenApi(): Promise<OpenAPIObject> {
  const app = await NestFactory.create(DocumentedModule, new FastifyAdapter(), { logger: false });
  try {
    const { title, description, version } = OPEN_API;
    const document = new DocumentBuilder().setTitle(title).setDescription(description).setVersion(version).addBearerAuth();
    return SwaggerModule.createDocument(app, document.build());
  } finally {
    await app.close();
  }
}
