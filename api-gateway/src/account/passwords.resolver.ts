import { AllowDuringMfaEnrollment, type AuthenticatedUser, Public } from '@chat/shared/auth';
import { Args, Mutation, Resolver } from '@nestjs/graphql';
import { AuthClient } from '../clients/auth.client.js';
import type { ClientHeaders } from '../clients/client-headers.js';
import { CurrentUser, FromClient } from '../graphql/parameters.js';
import { ChangePasswordArgs, RequestPasswordResetArgs, ResetPasswordArgs } from './account.args.js';

@Resolver()
export class PasswordsResolver {
  constructor(private readonly auth: AuthClient) {}

  @AllowDuringMfaEnrollment()
  @Mutation(() => Boolean, { description: 'Changes the password and revokes every other session of the account.' })
  async changePassword(
    @CurrentUser() user: AuthenticatedUser,
    @Args() args: ChangePasswordArgs,
    @FromClient() client: ClientHeaders,
  ): Promise<boolean> {
    await this.auth.changePassword(args, user.token, client);
    return true;
  }

  @Public()
  @Mutation(() => Boolean, { description: 'Always returns true, whether or not the address belongs to an account.' })
  async requestPasswordReset(@Args() args: RequestPasswordResetArgs, @FromClient() client: ClientHeaders): Promise<boolean> {
    await this.auth.requestPasswordReset(args, client);
    return true;
  }

  @Public()
  @Mutation(() => Boolean, { description: 'Revokes every session of the account.' })
  async resetPassword(@Args() args: ResetPasswordArgs, @FromClient() client: ClientHeaders): Promise<boolean> {
    await this.auth.resetPassword(args, client);
    return true;
  }
}
