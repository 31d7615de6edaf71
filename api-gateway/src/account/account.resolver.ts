import { AllowDuringMfaEnrollment, type AuthenticatedUser, Public } from '@chat/shared/auth';
import { Args, Mutation, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { AuthClient } from '../clients/auth.client.js';
import type { ClientHeaders } from '../clients/client-headers.js';
import { CurrentUser, FromClient } from '../graphql/parameters.js';
import { DeleteAccountArgs, MailTokenArgs, RegisterInput } from './account.args.js';
import { AuthResponse, UserPayload } from './account.types.js';
import { UserPayloads } from './user-payloads.js';

@Resolver(() => UserPayload)
export class AccountResolver {
  constructor(
    private readonly auth: AuthClient,
    private readonly payloads: UserPayloads,
  ) {}

  @Public()
  @Mutation(() => AuthResponse, {
    description: 'Creates an account and signs it in. CONFLICT if the e-mail address or the user name belongs to another account.',
  })
  async register(@Args('input') input: RegisterInput, @FromClient() client: ClientHeaders): Promise<AuthResponse> {
    return this.payloads.forTokens(await this.auth.register(input, client));
  }

  @AllowDuringMfaEnrollment()
  @Query(() => UserPayload, { description: 'The account of the current user.' })
  async me(@CurrentUser() user: AuthenticatedUser): Promise<UserPayload> {
    return this.payloads.forAccount(await this.auth.getMe(user.token), user.token);
  }

  @AllowDuringMfaEnrollment()
  @Mutation(() => Boolean, {
    description:
      'Messages of the user remain as tombstones (senderId kept, sender null, content deleted). All other data about the user is deleted in every service. The other members keep the conversation, but sending to the deleted user is FORBIDDEN. `password` is required if the account has one; otherwise the login must be less than ten minutes old.',
  })
  async deleteAccount(
    @Args() args: DeleteAccountArgs,
    @CurrentUser() user: AuthenticatedUser,
    @FromClient() client: ClientHeaders,
  ): Promise<boolean> {
    await this.auth.deleteAccount(args, user.token, client);
    return true;
  }

  @Mutation(() => Boolean, {
    description: 'Sends the verification link again. Returns true without sending an e-mail if the address is already verified.',
  })
  async requestEmailVerification(@CurrentUser() user: AuthenticatedUser, @FromClient() client: ClientHeaders): Promise<boolean> {
    await this.auth.requestEmailVerification(user.token, client);
    return true;
  }

  @Public()
  @Mutation(() => Boolean, { description: 'Verifies the e-mail address with the token of the newest link. A token is valid for one use.' })
  async verifyEmail(@Args() args: MailTokenArgs, @FromClient() client: ClientHeaders): Promise<boolean> {
    await this.auth.verifyEmail(args, client);
    return true;
  }

  @ResolveField()
  async firstName(user: UserPayload): Promise<string | null> {
    return (await user.loadProfile())?.firstName ?? null;
  }

  @ResolveField()
  async lastName(user: UserPayload): Promise<string | null> {
    return (await user.loadProfile())?.lastName ?? null;
  }

  @ResolveField()
  async picture(user: UserPayload): Promise<string | null> {
    return (await user.loadProfile())?.profilePicture?.url ?? null;
  }
}
