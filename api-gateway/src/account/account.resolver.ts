import { type AuthenticatedUser, AllowDuringMfaEnrollment } from '@chat/shared/auth';
import { Args, Mutation, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { OpenToAll } from '../graphql/access.guard.js';
import { type ClientHeaders, FromClient } from '../graphql/client-request.js';
import { PresentedToken } from '../graphql/presented-token.decorator.js';
import { SignedIn } from '../graphql/signed-in.decorator.js';
import { AuthClient } from '../services/auth.client.js';
import { DeleteAccountArgs } from './delete-account.args.js';
import { AuthResponse, LoginInput, RefreshTokenInput, RegisterInput, UserPayload } from './account.types.js';
import { UserPayloads } from './user-payloads.js';

@Resolver(() => UserPayload)
export class AccountResolver {
  constructor(
    private readonly auth: AuthClient,
    private readonly payloads: UserPayloads,
  ) {}

  @OpenToAll()
  @Mutation(() => AuthResponse)
  async register(@Args('input') input: RegisterInput, @FromClient() client: ClientHeaders): Promise<AuthResponse> {
    return this.payloads.signedIn(await this.auth.register(input, client));
  }

  @OpenToAll()
  @Mutation(() => AuthResponse, {
    description:
      'With a second factor set up: error MFA_REQUIRED with extensions.mfaToken (5 minutes, 5 tries), to be given to completeLogin with a TOTP or a recovery code. A valid access token of the same account in the Authorization header: its session ends when the new one is opened, here and in completeLogin, exchangeOAuthCode and signInWithIdToken.',
  })
  async login(
    @Args('input') input: LoginInput,
    @FromClient() client: ClientHeaders,
    @PresentedToken() token?: string,
  ): Promise<AuthResponse> {
    return this.payloads.signedIn(await this.auth.login(input, client, token));
  }

  @OpenToAll()
  @Mutation(() => AuthResponse, {
    description:
      'Each refresh token works once. For 10 s, and only while its successor is unused, the same token gives the same successor again (a lost answer, two tabs at once). Any later use of a spent one revokes its whole session.',
  })
  async refreshToken(@Args('input') input: RefreshTokenInput, @FromClient() client: ClientHeaders): Promise<AuthResponse> {
    return this.payloads.signedIn(await this.auth.refresh(input, client));
  }

  @AllowDuringMfaEnrollment()
  @Query(() => UserPayload)
  async me(@SignedIn() caller: AuthenticatedUser): Promise<UserPayload> {
    return this.payloads.of(await this.auth.getMe(caller.token), caller.token);
  }

  @AllowDuringMfaEnrollment()
  @Mutation(() => Boolean)
  async logout(@SignedIn() caller: AuthenticatedUser): Promise<boolean> {
    await this.auth.logout(caller.token);
    return true;
  }

  @AllowDuringMfaEnrollment()
  @Mutation(() => Boolean, {
    description:
      'Messages stay as tombstones (senderId kept, sender null, content gone); everything else about the user goes from every service. Others keep the conversation, but nobody can write to the deleted person (FORBIDDEN). The password is needed when the account has one; without one, sign in less than ten minutes before.',
  })
  async deleteAccount(
    @Args() args: DeleteAccountArgs,
    @SignedIn() caller: AuthenticatedUser,
    @FromClient() client: ClientHeaders,
  ): Promise<boolean> {
    await this.auth.deleteAccount(args, caller.token, client);
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
