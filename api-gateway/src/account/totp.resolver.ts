import { type AuthenticatedUser, AllowDuringMfaEnrollment, Public } from '@chat/shared/auth';
import { Args, Mutation, Resolver } from '@nestjs/graphql';
import type { ClientHeaders } from '../clients/client-headers.js';
import { FromClient } from '../graphql/from-client.decorator.js';
import { BearerToken } from '../graphql/bearer-token.decorator.js';
import { CurrentUser } from '../graphql/current-user.decorator.js';
import { AuthClient } from '../clients/auth.client.js';
import { AuthResponse } from './account.types.js';
import { CodeArgs, CompleteLoginArgs } from './totp.args.js';
import { TotpSetup } from './totp.types.js';
import { UserPayloads } from './user-payloads.js';

/** The second factor. */
@Resolver()
export class TotpResolver {
  constructor(
    private readonly auth: AuthClient,
    private readonly payloads: UserPayloads,
  ) {}

  @Public()
  @Mutation(() => AuthResponse, {
    description: 'The second step of a sign-in that failed with MFA_REQUIRED: its extensions.mfaToken, and a TOTP or a recovery code.',
  })
  async completeLogin(
    @Args() args: CompleteLoginArgs,
    @FromClient() client: ClientHeaders,
    @BearerToken() token?: string,
  ): Promise<AuthResponse> {
    return this.payloads.signedIn(await this.auth.completeLogin(args, client, token));
  }

  @AllowDuringMfaEnrollment()
  @Mutation(() => TotpSetup, {
    description:
      'The second factor is on only after confirmTotpSetup, within 15 minutes. FORBIDDEN when the sign-in is older than ten minutes: sign in again.',
  })
  startTotpSetup(@CurrentUser() user: AuthenticatedUser, @FromClient() client: ClientHeaders): Promise<TotpSetup> {
    return this.auth.startTotpSetup(user.token, client);
  }

  @AllowDuringMfaEnrollment()
  @Mutation(() => [String], { description: 'Gives the ten recovery codes, once. The code is spent by it.' })
  async confirmTotpSetup(
    @CurrentUser() user: AuthenticatedUser,
    @Args() args: CodeArgs,
    @FromClient() client: ClientHeaders,
  ): Promise<string[]> {
    return (await this.auth.confirmTotpSetup(args, user.token, client)).recoveryCodes;
  }

  @Mutation(() => Boolean, { description: 'With a TOTP or a recovery code. FORBIDDEN where the installation requires a second factor.' })
  async disableTotp(@CurrentUser() user: AuthenticatedUser, @Args() args: CodeArgs, @FromClient() client: ClientHeaders): Promise<boolean> {
    await this.auth.disableTotp(args, user.token, client);
    return true;
  }
}
