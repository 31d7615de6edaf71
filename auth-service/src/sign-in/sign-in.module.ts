import { Module } from '@nestjs/common';
import { SecurityEventsModule } from '../security-events/security-events.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { SignInService } from './sign-in.service.js';

@Module({ imports: [SecurityEventsModule, SessionsModule], providers: [SignInService], exports: [SignInService] })
export class SignInModule {}
