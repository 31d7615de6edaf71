import { Module } from '@nestjs/common';
import { MailModule } from '../mail/mail.module.js';
import { AuditLogModule } from '../audit-log/audit-log.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { MfaService } from './mfa.service.js';
import { TotpController } from './totp.controller.js';
import { TotpEnrolmentService } from './totp-enrolment.service.js';

@Module({
  imports: [MailModule, AuditLogModule, SessionsModule],
  controllers: [TotpController],
  providers: [MfaService, TotpEnrolmentService],
  exports: [MfaService],
})
export class MfaModule {}
