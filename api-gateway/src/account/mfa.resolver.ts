import { AllowDuringMfaEnrollment, type AuthenticatedUser } from '@chat/shared/auth';
import { Args, Mutation, Resolver } from '@nestjs/graphql';
import { AuthClient } from '../clients/auth.client.js';
import type { ClientHeaders } from '../clients/client-headers.js';
import { CurrentUser, FromClient } from '../graphql/parameters.js';
import { CodeArgs } from './account.args.js';
import { TotpSetup } from './account.types.js';

@Resolver()
export class MfaResolver {
  constructor(private readonly auth: AuthClient) {}

  @AllowDuringMfaEnrollment()
  @Mutation(() => TotpSetup, {
    description:
      'Starts the TOTP enrolment. The second factor is enabled by confirmTotpSetup, within 15 minutes. FORBIDDEN if the login was more than ten minutes ago: sign in again.',
  })
  startTotpSetup(@CurrentUser() user: AuthenticatedUser, @FromClient() client: ClientHeaders): Promise<TotpSetup> {
    return this.auth.startTotpSetup(user.token, client);
  }

  @AllowDuringMfaEnrollment()
  @Mutation(() => [String], { description: 'Returns the ten recovery codes, once. `code` cannot be used again.' })
  async confirmTotpSetup(
    @CurrentUser() user: AuthenticatedUser,
    @Args() args: CodeArgs,
    @FromClient() client: ClientHeaders,
  ): Promise<string[]> {
    return (await this.auth.confirmTotpSetup(args, user.token, client)).recoveryCodes;
  }

  @Mutation(() => Boolean, {
    description:
      'Disables the second factor. `code` is a TOTP code or a recovery code. FORBIDDEN if the installation requires a second factor.',
  })
  async disableTotp(@CurrentUser() user: AuthenticatedUser, @Args() args: CodeArgs, @FromClient() client: ClientHeaders): Promise<boolean> {
    await this.auth.disableTotp(args, user.token, client);
    return true;
  }
}
