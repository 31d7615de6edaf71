import { Module } from '@nestjs/common';
import { SecurityEventsModule } from '../security-events/security-events.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { UsedCodes } from './used-codes.js';

@Module({ imports: [SecurityEventsModule, SessionsModule], providers: [UsedCodes], exports: [UsedCodes] })
export class UsedCodesModule {}
