import type { Type } from '@nestjs/common';
import { AccessTokenVerifier, MfaEnrollmentTokenVerifier } from '@chat/shared/auth';
import { openApiDocument } from '@chat/shared/bootstrap';
import type { OpenAPIObject } from '@nestjs/swagger';
import { AuditLogController } from './audit-log/audit-log.controller.js';
import { MfaController } from './mfa/mfa.controller.js';
import { OAuthBrowserController } from './oauth/oauth-browser.controller.js';
import { OAuthController } from './oauth/oauth.controller.js';
import { PasswordsController } from './passwords/passwords.controller.js';
import { AuthRateLimits } from './rate-limits/auth-rate-limits.js';
import { AccountController } from './registration/account.controller.js';
import { EmailVerificationController } from './registration/email-verification.controller.js';
import { RegistrationController } from './registration/registration.controller.js';
import { SessionsController } from './sessions/sessions.controller.js';
import { SignInController } from './sign-in/sign-in.controller.js';
import { SigningKeysController } from './signing-keys/signing-keys.controller.js';

export const OPEN_API = { title: 'auth-service', description: 'Accounts, sessions and the keys of access tokens', version: '1.0' };

const CONTROLLERS: Type[] = [
  RegistrationController,
  SignInController,
  AccountController,
  PasswordsController,
  MfaController,
  AuditLogController,
  SessionsController,
  SigningKeysController,
  OAuthBrowserController,
  OAuthController,
  EmailVerificationController,
];

/** The OpenAPI document of the REST API, built without any infrastructure. */
export function buildOpenApi(): Promise<OpenAPIObject> {
  return openApiDocument(OPEN_API, CONTROLLERS, [AccessTokenVerifier, MfaEnrollmentTokenVerifier, AuthRateLimits]);
}
