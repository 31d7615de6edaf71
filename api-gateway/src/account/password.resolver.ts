import { type AuthenticatedUser, AllowDuringMfaEnrollment } from '@chat/shared/auth';
import { Args, Mutation, Resolver } from '@nestjs/graphql';
import type { ClientHeaders } from '../clients/client-headers.js';
import { FromClient } from '../graphql/from-client.decorator.js';
import { CurrentUser } from '../graphql/current-user.decorator.js';
import { AuthClient } from '../clients/auth.client.js';
import { ChangePasswordArgs } from './password.args.js';

@Resolver()
export class PasswordResolver {
  constructor(private readonly auth: AuthClient) {}

  @AllowDuringMfaEnrollment()
  @Mutation(() => Boolean, { description: 'Ends every other session of the account.' })
  async changePassword(
    @CurrentUser() user: AuthenticatedUser,
    @Args() request: ChangePasswordArgs,
    @FromClient() client: ClientHeaders,
  ): Promise<boolean> {
    await this.auth.changePassword(request, user.token, client);
    return true;
  }
}
