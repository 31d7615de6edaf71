import { Module } from '@nestjs/common';
import { AuditLogModule } from '../audit-log/audit-log.module.js';
import { MailModule } from '../mail/mail.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { MfaController } from './mfa.controller.js';
import { MfaService } from './mfa.service.js';
import { MfaEnrolmentService } from './mfa-enrolment.service.js';

@Module({
  imports: [MailModule, AuditLogModule, SessionsModule],
  controllers: [MfaController],
  providers: [MfaService, MfaEnrolmentService],
  exports: [MfaService],
})
export class MfaModule {}
