import { Module } from '@nestjs/common';
import { SigningKeysModule } from '../signing-keys/signing-keys.module.js';
import { AccessTokenIssuer } from './access-token-issuer.js';
import { RevocationAnnouncer } from './revocation-announcer.js';
import { SessionSweeper } from './session-sweeper.js';
import { SessionsController } from './sessions.controller.js';
import { SessionsService } from './sessions.service.js';

@Module({
  imports: [SigningKeysModule],
  controllers: [SessionsController],
  providers: [SessionsService, AccessTokenIssuer, RevocationAnnouncer, SessionSweeper],
  exports: [SessionsService],
})
export class SessionsModule {}
