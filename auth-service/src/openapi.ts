import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AccessTokenVerifier, MfaEnrollmentTokenVerifier } from '@chat/shared/auth';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { PasswordsController } from './passwords/passwords.controller.js';
import { AuditLogController } from './audit-log/audit-log.controller.js';
import { AuditLogService } from './audit-log/audit-log.service.js';
import { AuthConfig } from './config.js';
import { MfaController } from './mfa/mfa.controller.js';
import { MfaEnrolmentService } from './mfa/mfa-enrolment.service.js';
import { IdentitiesService } from './oauth/identities.service.js';
import { OAuthBrowserController } from './oauth/oauth-browser.controller.js';
import { OAuthFlowService } from './oauth/oauth-flow.service.js';
import { OAuthProviders } from './oauth/oauth-providers.js';
import { OAuthSignInService } from './oauth/oauth-sign-in.service.js';
import { OAuthController } from './oauth/oauth.controller.js';
import { PasswordChangeService } from './passwords/password-change.service.js';
import { PasswordResetRequestsService } from './passwords/password-reset-requests.service.js';
import { PasswordResetService } from './passwords/password-reset.service.js';
import { AccountDeletionService } from './registration/account-deletion.service.js';
import { AccountReader } from './registration/account-reader.js';
import { AccountController } from './registration/account.controller.js';
import { EmailVerificationController } from './registration/email-verification.controller.js';
import { EmailVerificationService } from './registration/email-verification.service.js';
import { RegistrationController } from './registration/registration.controller.js';
import { RegistrationService } from './registration/registration.service.js';
import { SessionListService } from './sessions/session-list.service.js';
import { SessionsController } from './sessions/sessions.controller.js';
import { SessionsService } from './sessions/sessions.service.js';
import { LoginService } from './sign-in/login.service.js';
import { SignInController } from './sign-in/sign-in.controller.js';
import { SignInService } from './sign-in/sign-in.service.js';
import { SigningKeysController } from './signing-keys/signing-keys.controller.js';
import { SigningKeysService } from './signing-keys/signing-keys.service.js';

export const OPEN_API = { title: 'auth-service', description: 'Accounts, sessions and the keys of access tokens', version: '1.0' };

/** The controllers with stubs of their dependencies, which the document does not need. */
@Module({
  controllers: [
    RegistrationController,
    PasswordsController,
    SignInController,
    MfaController,
    AuditLogController,
    SessionsController,
    SigningKeysController,
    OAuthBrowserController,
    OAuthController,
    EmailVerificationController,
    AccountController,
  ],
  providers: [
    ...[
      AccessTokenVerifier,
      MfaEnrollmentTokenVerifier,
      RegistrationService,
      LoginService,
      SignInService,
      MfaEnrolmentService,
      AuditLogService,
      SessionsService,
      SessionListService,
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
      AccountReader,
    ].map((service) => ({ provide: service, useValue: {} })),
    { provide: AuthConfig, useValue: { oauth: { publicUrl: '' } } },
  ],
})
class DocumentedModule {}

/** The OpenAPI document of the REST API, built without any infrastructure. */
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
