import { Module } from '@nestjs/common';
import { KnownDevicesModule } from '../known-devices/known-devices.module.js';
import { MailModule } from '../mail/mail.module.js';
import { PasswordsModule } from '../passwords/passwords.module.js';
import { SecurityEventsModule } from '../security-events/security-events.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { PasswordResetRequestsService } from './password-reset-requests.service.js';
import { PasswordResetController } from './password-reset.controller.js';
import { PasswordResetService } from './password-reset.service.js';

@Module({
  imports: [KnownDevicesModule, MailModule, PasswordsModule, SecurityEventsModule, SessionsModule],
  controllers: [PasswordResetController],
  providers: [PasswordResetRequestsService, PasswordResetService],
})
export class PasswordResetModule {}
