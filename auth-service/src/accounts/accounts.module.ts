import { Module } from '@nestjs/common';
import { EmailVerificationModule } from '../email-verification/email-verification.module.js';
import { KnownDevicesModule } from '../known-devices/known-devices.module.js';
import { PasswordsModule } from '../passwords/passwords.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { SecurityEventsModule } from '../security-events/security-events.module.js';
import { SignInPaceModule } from '../sign-in-pace/sign-in-pace.module.js';
import { SignInModule } from '../sign-in/sign-in.module.js';
import { AccountsController } from './accounts.controller.js';
import { AccountsService } from './accounts.service.js';
import { FamiliarDevices } from './familiar-devices.js';
import { PasswordSignInService } from './password-sign-in.service.js';

@Module({
  imports: [
    EmailVerificationModule,
    PasswordsModule,
    SessionsModule,
    SignInModule,
    SignInPaceModule,
    SecurityEventsModule,
    KnownDevicesModule,
  ],
  controllers: [AccountsController],
  providers: [AccountsService, PasswordSignInService, FamiliarDevices],
})
export class AccountsModule {}
