import { AllowDuringMfaEnrollment, type AuthenticatedUser, Public } from '@chat/shared/auth';
import { Args, Mutation, Resolver } from '@nestjs/graphql';
import { AuthClient } from '../clients/auth.client.js';
import type { ClientHeaders } from '../clients/client-headers.js';
import { BearerToken, CurrentUser, FromClient } from '../graphql/parameters.js';
import { CompleteLoginArgs, LoginInput, RefreshTokenInput } from './account.args.js';
import { AuthResponse } from './account.types.js';
import { UserPayloads } from './user-payloads.js';

@Resolver()
export class SignInResolver {
  constructor(
    private readonly auth: AuthClient,
    private readonly payloads: UserPayloads,
  ) {}

  @Public()
  @Mutation(() => AuthResponse, {
    description:
      'If TOTP is enabled, the error is MFA_REQUIRED with extensions.mfaToken (valid for 5 minutes and 5 attempts). Pass this token to completeLogin with a TOTP code or a recovery code. If the Authorization header has a valid access token of the same account, the session of that token is revoked when the new session starts; completeLogin, exchangeOAuthCode and signInWithIdToken do the same.',
  })
  async login(@Args('input') input: LoginInput, @FromClient() client: ClientHeaders, @BearerToken() token?: string): Promise<AuthResponse> {
    return this.payloads.forTokens(await this.auth.login(input, client, token));
  }

  @Public()
  @Mutation(() => AuthResponse, {
    description:
      'The second step of a login that failed with MFA_REQUIRED: `mfaToken` from its extensions, and a TOTP code or a recovery code.',
  })
  async completeLogin(
    @Args() args: CompleteLoginArgs,
    @FromClient() client: ClientHeaders,
    @BearerToken() token?: string,
  ): Promise<AuthResponse> {
    return this.payloads.forTokens(await this.auth.completeLogin(args, client, token));
  }

  @Public()
  @Mutation(() => AuthResponse, {
    description:
      'Each refresh token is valid for one use. For 10 s, and only while its successor is unused, the same token returns the same successor again (after a lost response, or with two tabs at once). Any other reuse of a token revokes its whole session.',
  })
  async refreshToken(@Args('input') input: RefreshTokenInput, @FromClient() client: ClientHeaders): Promise<AuthResponse> {
    return this.payloads.forTokens(await this.auth.refresh(input, client));
  }

  @AllowDuringMfaEnrollment()
  @Mutation(() => Boolean, { description: 'Revokes the current session.' })
  async logout(@CurrentUser() user: AuthenticatedUser): Promise<boolean> {
    await this.auth.logout(user.token);
    return true;
  }
}
