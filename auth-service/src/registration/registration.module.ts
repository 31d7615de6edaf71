import { Module } from '@nestjs/common';
import { AuditLogModule } from '../audit-log/audit-log.module.js';
import { LoginThrottleModule } from '../login-throttle/login-throttle.module.js';
import { MailModule } from '../mail/mail.module.js';
import { PasswordsModule } from '../passwords/passwords.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { SignInModule } from '../sign-in/sign-in.module.js';
import { AccountDeletionService } from './account-deletion.service.js';
import { AccountReader } from './account-reader.js';
import { AccountController } from './account.controller.js';
import { EmailVerificationController } from './email-verification.controller.js';
import { EmailVerificationService } from './email-verification.service.js';
import { RegistrationController } from './registration.controller.js';
import { RegistrationService } from './registration.service.js';

@Module({
  imports: [AuditLogModule, LoginThrottleModule, MailModule, PasswordsModule, SessionsModule, SignInModule],
  controllers: [RegistrationController, AccountController, EmailVerificationController],
  providers: [RegistrationService, AccountReader, AccountDeletionService, EmailVerificationService],
})
export class RegistrationModule {}
