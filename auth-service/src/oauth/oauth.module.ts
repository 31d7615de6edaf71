import { Module } from '@nestjs/common';
import { AuditLogModule } from '../audit-log/audit-log.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { SignInModule } from '../sign-in/sign-in.module.js';
import { ReclaimUnverifiedAccount } from './reclaim-unverified-account.js';
import { IdentitiesService } from './identities.service.js';
import { LinkedAccountsService } from './linked-accounts.service.js';
import { OAuthAttempts } from './oauth-attempts.js';
import { OAuthBrowserController } from './oauth-browser.controller.js';
import { OAuthCodes } from './oauth-codes.js';
import { OAuthController } from './oauth.controller.js';
import { OAuthFlowService } from './oauth-flow.service.js';
import { OAuthProviders } from './oauth-providers.js';
import { OAuthSignInService } from './oauth-sign-in.service.js';
import { UsedIdTokens } from './used-id-tokens.js';

@Module({
  imports: [AuditLogModule, SessionsModule, SignInModule],
  controllers: [OAuthBrowserController, OAuthController],
  providers: [
    OAuthAttempts,
    OAuthProviders,
    OAuthFlowService,
    OAuthCodes,
    OAuthSignInService,
    UsedIdTokens,
    IdentitiesService,
    LinkedAccountsService,
    ReclaimUnverifiedAccount,
  ],
})
export class OAuthModule {}
