import { Module } from '@nestjs/common';
import { SecurityEventsModule } from '../security-events/security-events.module.js';
import { SigningKeysModule } from '../signing-keys/signing-keys.module.js';
import { AccessTokenIssuer } from './access-token-issuer.js';
import { OpenSessionsService } from './open-sessions.service.js';
import { RevocationAnnouncer } from './revocation-announcer.js';
import { SessionSweeper } from './session-sweeper.js';
import { SessionsController } from './sessions.controller.js';
import { SessionsService } from './sessions.service.js';

@Module({
  imports: [SigningKeysModule, SecurityEventsModule],
  controllers: [SessionsController],
  providers: [SessionsService, OpenSessionsService, AccessTokenIssuer, RevocationAnnouncer, SessionSweeper],
  exports: [SessionsService],
})
export class SessionsModule {}
