import { Module } from '@nestjs/common';
import { ClientsModule } from '../clients/clients.module.js';
import { AccountResolver } from './account.resolver.js';
import { JwksController } from './jwks.controller.js';
import { MfaResolver } from './mfa.resolver.js';
import { OAuthProxyController } from './oauth-proxy.controller.js';
import { OAuthResolver } from './oauth.resolver.js';
import { PasswordsResolver } from './passwords.resolver.js';
import { SessionsResolver } from './sessions.resolver.js';
import { SignInResultController } from './sign-in-result.controller.js';
import { SignInResolver } from './sign-in.resolver.js';
import { UserPayloads } from './user-payloads.js';

/** Registration, sign-in, sessions, passwords, MFA and linked accounts. auth-service has the rules. */
@Module({
  imports: [ClientsModule],
  controllers: [JwksController, OAuthProxyController, SignInResultController],
  providers: [UserPayloads, AccountResolver, SignInResolver, PasswordsResolver, MfaResolver, SessionsResolver, OAuthResolver],
})
export class AccountModule {}
