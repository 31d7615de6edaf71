import { type AuthenticatedUser, AllowDuringMfaEnrollment } from '@chat/shared/auth';
import { Args, Mutation, Resolver } from '@nestjs/graphql';
import { type ClientHeaders, FromClient } from '../graphql/client-request.js';
import { SignedIn } from '../graphql/signed-in.decorator.js';
import { AuthClient } from '../services/auth.client.js';
import { ChangePasswordArgs } from './password.args.js';

@Resolver()
export class PasswordResolver {
  constructor(private readonly auth: AuthClient) {}

  @AllowDuringMfaEnrollment()
  @Mutation(() => Boolean, { description: 'Ends every other session of the account.' })
  async changePassword(
    @SignedIn() caller: AuthenticatedUser,
    @Args() request: ChangePasswordArgs,
    @FromClient() client: ClientHeaders,
  ): Promise<boolean> {
    await this.auth.changePassword(request, caller.token, client);
    return true;
  }
}
