import { Module } from '@nestjs/common';
import { EmailVerificationModule } from '../email-verification/email-verification.module.js';
import { KnownDevicesModule } from '../known-devices/known-devices.module.js';
import { UsedCodesModule } from '../oauth/used-codes.module.js';
import { SecondFactorModule } from '../second-factor/second-factor.module.js';
import { SecurityEventsModule } from '../security-events/security-events.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { SessionOpener } from './session-opener.js';
import { SignInChallengesService } from './sign-in-challenges.service.js';
import { SignInController } from './sign-in.controller.js';
import { SignInService } from './sign-in.service.js';

@Module({
  imports: [EmailVerificationModule, KnownDevicesModule, SecondFactorModule, SecurityEventsModule, SessionsModule, UsedCodesModule],
  controllers: [SignInController],
  providers: [SignInService, SignInChallengesService, SessionOpener],
  exports: [SignInService, SessionOpener],
})
export class SignInModule {}
