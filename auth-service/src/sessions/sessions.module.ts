import { Module } from '@nestjs/common';
import { AuditLogModule } from '../audit-log/audit-log.module.js';
import { SigningKeysModule } from '../signing-keys/signing-keys.module.js';
import { AccessTokenIssuer } from './access-token-issuer.js';
import { SessionCheckService } from './session-check.service.js';
import { SessionListService } from './session-list.service.js';
import { RefreshService } from './refresh.service.js';
import { RevocationPublisher } from './revocation-publisher.js';
import { SessionCleanup } from './session-cleanup.js';
import { SessionTokens } from './session-tokens.js';
import { SessionsController } from './sessions.controller.js';
import { SessionsService } from './sessions.service.js';

@Module({
  imports: [SigningKeysModule, AuditLogModule],
  controllers: [SessionsController],
  providers: [
    SessionsService,
    RefreshService,
    SessionCheckService,
    SessionListService,
    SessionTokens,
    AccessTokenIssuer,
    RevocationPublisher,
    SessionCleanup,
  ],
  exports: [SessionsService],
})
export class SessionsModule {}
