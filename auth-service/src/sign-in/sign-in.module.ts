import { Module } from '@nestjs/common';
import { AuditLogModule } from '../audit-log/audit-log.module.js';
import { ClientModule } from '../client/client.module.js';
import { LoginThrottleModule } from '../login-throttle/login-throttle.module.js';
import { MailModule } from '../mail/mail.module.js';
import { MfaModule } from '../mfa/mfa.module.js';
import { PasswordsModule } from '../passwords/passwords.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { DeviceTrust } from './device-trust.js';
import { LoginService } from './login.service.js';
import { SessionIssuer } from './session-issuer.js';
import { SignInChallengesService } from './challenges.service.js';
import { SignInController } from './sign-in.controller.js';
import { SignInService } from './sign-in.service.js';
import { UsedCodes } from './used-codes.js';

@Module({
  imports: [AuditLogModule, ClientModule, LoginThrottleModule, MailModule, MfaModule, PasswordsModule, SessionsModule],
  controllers: [SignInController],
  providers: [SignInService, SignInChallengesService, LoginService, DeviceTrust, SessionIssuer, UsedCodes],
  exports: [SignInService, SessionIssuer, UsedCodes],
})
export class SignInModule {}
