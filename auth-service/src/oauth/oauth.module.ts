import { Module } from '@nestjs/common';
import { SecurityEventsModule } from '../security-events/security-events.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { SignInModule } from '../sign-in/sign-in.module.js';
import { AccountTakeBack } from './account-take-back.js';
import { IdentitiesService } from './identities.service.js';
import { OAuthBrowserController } from './oauth-browser.controller.js';
import { OAuthCodes } from './oauth-codes.js';
import { OAuthController } from './oauth.controller.js';
import { OAuthFlowService } from './oauth-flow.service.js';
import { OAuthProviders } from './oauth-providers.js';
import { OAuthSignInService } from './oauth-sign-in.service.js';
import { UsedCodesModule } from './used-codes.module.js';

@Module({
  imports: [SecurityEventsModule, SessionsModule, SignInModule, UsedCodesModule],
  controllers: [OAuthBrowserController, OAuthController],
  providers: [OAuthProviders, OAuthFlowService, OAuthCodes, OAuthSignInService, IdentitiesService, AccountTakeBack],
})
export class OAuthModule {}
