import { Module } from '@nestjs/common';
import { EmailVerificationModule } from '../email-verification/email-verification.module.js';
import { PasswordsModule } from '../passwords/passwords.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { SecurityEventsModule } from '../security-events/security-events.module.js';
import { SignInModule } from '../sign-in/sign-in.module.js';
import { AccountsController } from './accounts.controller.js';
import { AccountsService } from './accounts.service.js';

@Module({
  imports: [EmailVerificationModule, PasswordsModule, SessionsModule, SignInModule, SecurityEventsModule],
  controllers: [AccountsController],
  providers: [AccountsService],
})
export class AccountsModule {}
