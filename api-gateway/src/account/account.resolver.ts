import { type AuthenticatedUser, AllowDuringMfaEnrollment, Public } from '@chat/shared/auth';
import { Args, Mutation, Query, ResolveField, Resolver } from '@nestjs/graphql';
import type { ClientHeaders } from '../clients/client-headers.js';
import { FromClient } from '../graphql/from-client.decorator.js';
import { BearerToken } from '../graphql/bearer-token.decorator.js';
import { CurrentUser } from '../graphql/current-user.decorator.js';
import { AuthClient } from '../clients/auth.client.js';
import { DeleteAccountArgs } from './delete-account.args.js';
import { AuthResponse, LoginInput, RefreshTokenInput, RegisterInput, UserPayload } from './account.types.js';
import { UserPayloads } from './user-payloads.js';

@Resolver(() => UserPayload)
export class AccountResolver {
  constructor(
    private readonly auth: AuthClient,
    private readonly payloads: UserPayloads,
  ) {}

  @Public()
  @Mutation(() => AuthResponse)
  async register(@Args('input') input: RegisterInput, @FromClient() client: ClientHeaders): Promise<AuthResponse> {
    return this.payloads.signedIn(await this.auth.register(input, client));
  }

  @Public()
  @Mutation(() => AuthResponse, {
    description:
      'With a second factor set up: error MFA_REQUIRED with extensions.mfaToken (5 minutes, 5 tries), to be given to completeLogin with a TOTP or a recovery code. A valid access token of the same account in the Authorization header: its session ends when the new one is opened, here and in completeLogin, exchangeOAuthCode and signInWithIdToken.',
  })
  async login(@Args('input') input: LoginInput, @FromClient() client: ClientHeaders, @BearerToken() token?: string): Promise<AuthResponse> {
    return this.payloads.signedIn(await this.auth.login(input, client, token));
  }

  @Public()
  @Mutation(() => AuthResponse, {
    description:
      'Each refresh token works once. For 10 s, and only while its successor is unused, the same token gives the same successor again (a lost answer, two tabs at once). Any later use of a spent one revokes its whole session.',
  })
  async refreshToken(@Args('input') input: RefreshTokenInput, @FromClient() client: ClientHeaders): Promise<AuthResponse> {
    return this.payloads.signedIn(await this.auth.refresh(input, client));
  }

  @AllowDuringMfaEnrollment()
  @Query(() => UserPayload)
  async me(@CurrentUser() user: AuthenticatedUser): Promise<UserPayload> {
    return this.payloads.of(await this.auth.getMe(user.token), user.token);
  }

  @AllowDuringMfaEnrollment()
  @Mutation(() => Boolean)
  async logout(@CurrentUser() user: AuthenticatedUser): Promise<boolean> {
    await this.auth.logout(user.token);
    return true;
  }

  @AllowDuringMfaEnrollment()
  @Mutation(() => Boolean, {
    description:
      'Messages stay as tombstones (senderId kept, sender null, content gone); everything else about the user goes from every service. Others keep the conversation, but nobody can write to the deleted person (FORBIDDEN). The password is needed when the account has one; without one, sign in less than ten minutes before.',
  })
  async deleteAccount(
    @Args() args: DeleteAccountArgs,
    @CurrentUser() user: AuthenticatedUser,
    @FromClient() client: ClientHeaders,
  ): Promise<boolean> {
    await this.auth.deleteAccount(args, user.token, client);
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
}
