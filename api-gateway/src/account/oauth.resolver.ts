import { type AuthenticatedUser, Public } from '@chat/shared/auth';
import type { OAuthProviderName } from '@chat/shared/contracts';
import { Args, Mutation, Query, Resolver } from '@nestjs/graphql';
import type { ClientHeaders } from '../clients/client-headers.js';
import { OAuthClient } from '../clients/oauth.client.js';
import { BearerToken, CurrentUser, FromClient } from '../graphql/parameters.js';
import { AuthResponse } from './account.types.js';
import { ExchangeOAuthCodeArgs, GoogleAuthUrlArgs, IdTokenArgs, OAuthUrlArgs, ProviderArgs } from './oauth.args.js';
import { GoogleAuthUrlResponse, LinkedAccount, OAuthProviderEnum, OAuthUrl } from './oauth.types.js';
import { UserPayloads } from './user-payloads.js';

@Resolver(() => LinkedAccount)
export class OAuthResolver {
  constructor(
    private readonly oauth: OAuthClient,
    private readonly payloads: UserPayloads,
  ) {}

  @Public()
  @Query(() => GoogleAuthUrlResponse, {
    description:
      '`platform` is web or mobile; any other value is BAD_USER_INPUT. `codeChallenge` is required for mobile (RFC 8252) and optional for web.',
  })
  getGoogleAuthUrl(@Args() { platform, codeChallenge }: GoogleAuthUrlArgs): Promise<GoogleAuthUrlResponse> {
    return this.oauth.getStart('google', { platform, ...(codeChallenge == null ? {} : { codeChallenge }) });
  }

  @Public()
  @Query(() => [OAuthProviderEnum], { description: 'The providers for which this installation has credentials.' })
  getOAuthProviders(): Promise<OAuthProviderName[]> {
    return this.oauth.getProviders();
  }

  @Public()
  @Query(() => OAuthUrl, {
    description:
      'The URL to open in the browser. `codeChallenge` is a PKCE S256 challenge. The callback returns a one-time code, never a token.',
  })
  getOAuthUrl(@Args() { provider, platform, codeChallenge }: OAuthUrlArgs): Promise<OAuthUrl> {
    return this.oauth.getStart(provider, { platform, codeChallenge });
  }

  @Public()
  @Mutation(() => AuthResponse, {
    description:
      'Exchanges the one-time code from the callback. The code is valid once, for 60 seconds. `codeVerifier` is required if the URL was created with a `codeChallenge`.',
  })
  async exchangeOAuthCode(
    @Args() { code, codeVerifier }: ExchangeOAuthCodeArgs,
    @FromClient() client: ClientHeaders,
    @BearerToken() token?: string,
  ): Promise<AuthResponse> {
    const exchange = { code, ...(codeVerifier == null ? {} : { codeVerifier }) };
    return this.payloads.forTokens(await this.oauth.exchangeCode(exchange, client, token));
  }

  @Public()
  @Mutation(() => AuthResponse, {
    description: 'Native sign-in with an ID token of the provider. Signature, issuer, audience, expiry and nonce are verified.',
  })
  async signInWithIdToken(
    @Args() { provider, idToken, nonce }: IdTokenArgs,
    @FromClient() client: ClientHeaders,
    @BearerToken() token?: string,
  ): Promise<AuthResponse> {
    return this.payloads.forTokens(await this.oauth.signInWithIdToken({ provider, idToken, nonce }, client, token));
  }

  @Query(() => [LinkedAccount], { description: 'The accounts at other providers with which the current user can sign in.' })
  getLinkedAccounts(@CurrentUser() user: AuthenticatedUser): Promise<LinkedAccount[]> {
    return this.oauth.getLinked(user.token);
  }

  @Mutation(() => Boolean, {
    description:
      'Unlinks the account at a provider. CONFLICT if the user could not sign in without it. FORBIDDEN if the login was more than ten minutes ago: sign in again.',
  })
  async unlinkAccount(
    @CurrentUser() user: AuthenticatedUser,
    @Args() { provider }: ProviderArgs,
    @FromClient() client: ClientHeaders,
  ): Promise<boolean> {
    await this.oauth.unlink(provider, user.token, client);
    return true;
  }
}
