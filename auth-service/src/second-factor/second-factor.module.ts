import { Module } from '@nestjs/common';
import { MailModule } from '../mail/mail.module.js';
import { SecurityEventsModule } from '../security-events/security-events.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { SecondFactorService } from './second-factor.service.js';
import { TotpController } from './totp.controller.js';
import { TotpSetupService } from './totp-setup.service.js';

@Module({
  imports: [MailModule, SecurityEventsModule, SessionsModule],
  controllers: [TotpController],
  providers: [SecondFactorService, TotpSetupService],
  exports: [SecondFactorService],
})
export class SecondFactorModule {}
