import type { Caller } from '@chat/shared/auth';
import type { Account, AuthTokens, Profile } from '@chat/shared/contracts';
import { Args, Mutation, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { OpenToAll } from '../graphql/access.guard.js';
import { type ClientHeaders, FromClient } from '../graphql/client-request.js';
import { SignedIn } from '../graphql/signed-in.decorator.js';
import { AuthClient } from '../services/auth.client.js';
import { ProfileClient } from '../services/profile.client.js';
import { AuthResponse, LoginInput, RefreshTokenInput, RegisterInput, UserPayload } from './account.types.js';

@Resolver(() => UserPayload)
export class AccountResolver {
  constructor(
    private readonly auth: AuthClient,
    private readonly profiles: ProfileClient,
  ) {}

  @OpenToAll()
  @Mutation(() => AuthResponse)
  async register(@Args('input') input: RegisterInput, @FromClient() client: ClientHeaders): Promise<AuthResponse> {
    return this.answer(await this.auth.register(input, client));
  }

  @OpenToAll()
  @Mutation(() => AuthResponse)
  async login(@Args('input') input: LoginInput, @FromClient() client: ClientHeaders): Promise<AuthResponse> {
    return this.answer(await this.auth.login(input, client));
  }

  @OpenToAll()
  @Mutation(() => AuthResponse, {
    description:
      'Each refresh token works once. For 10 s, and only while its successor is unused, the same token gives the same successor again (a lost answer, two tabs at once). Any later use of a spent one revokes its whole session.',
  })
  async refreshToken(@Args('input') input: RefreshTokenInput, @FromClient() client: ClientHeaders): Promise<AuthResponse> {
    return this.answer(await this.auth.refresh(input, client));
  }

  @Query(() => UserPayload)
  async me(@SignedIn() caller: Caller): Promise<UserPayload> {
    return this.withNames(await this.auth.getMe(caller.token), caller.token);
  }

  @Mutation(() => Boolean)
  async logout(@SignedIn() caller: Caller): Promise<boolean> {
    await this.auth.logout(caller.token);
    return true;
  }

  @ResolveField()
  async firstName(user: UserPayload): Promise<string | null> {
    return (await user.loadProfile()).firstName;
  }

  @ResolveField()
  async lastName(user: UserPayload): Promise<string | null> {
    return (await user.loadProfile()).lastName;
  }

  private answer({ accessToken, refreshToken, user }: AuthTokens): AuthResponse {
    return { accessToken, refreshToken, user: this.withNames(user, accessToken) };
  }

  private withNames(account: Account, token: string): UserPayload {
    let loading: Promise<Profile> | null = null;
    return { ...account, loadProfile: () => (loading ??= this.profiles.getMine(token)) };
  }
}
