import { Module } from '@nestjs/common';
import { AuditLogModule } from '../audit-log/audit-log.module.js';
import { ClientModule } from '../client/client.module.js';
import { LoginThrottleModule } from '../login-throttle/login-throttle.module.js';
import { MailModule } from '../mail/mail.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { PasswordsController } from './passwords.controller.js';
import { BreachedPasswords } from './breached-passwords.js';
import { PasswordChangeService } from './password-change.service.js';
import { PasswordResetRequestsService } from './password-reset-requests.service.js';
import { PasswordResetService } from './password-reset.service.js';
import { PasswordsService } from './passwords.service.js';

@Module({
  imports: [AuditLogModule, ClientModule, LoginThrottleModule, MailModule, SessionsModule],
  controllers: [PasswordsController],
  providers: [PasswordsService, BreachedPasswords, PasswordChangeService, PasswordResetRequestsService, PasswordResetService],
  exports: [PasswordsService],
})
export class PasswordsModule {}
