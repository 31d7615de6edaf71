import { type AuthenticatedUser, Public } from '@chat/shared/auth';
import type { OAuthProviderName } from '@chat/shared/contracts';
import { Args, Mutation, Query, Resolver } from '@nestjs/graphql';
import type { ClientHeaders } from '../clients/client-headers.js';
import { FromClient } from '../graphql/from-client.decorator.js';
import { BearerToken } from '../graphql/bearer-token.decorator.js';
import { CurrentUser } from '../graphql/current-user.decorator.js';
import { OAuthClient } from '../clients/oauth.client.js';
import { AuthResponse } from './account.types.js';
import {
  ExchangeOAuthCodeArgs,
  GoogleAuthUrlArgs,
  GoogleAuthUrlResponse,
  IdTokenArgs,
  LinkedAccount,
  OAuthProviderEnum,
  OAuthUrl,
  OAuthUrlArgs,
  ProviderArgs,
} from './oauth.types.js';
import { UserPayloads } from './user-payloads.js';

@Resolver(() => LinkedAccount)
export class OAuthResolver {
  constructor(
    private readonly oauth: OAuthClient,
    private readonly payloads: UserPayloads,
  ) {}

  @Public()
  @Query(() => GoogleAuthUrlResponse, {
    description: 'platform: web or mobile, anything else is BAD_USER_INPUT. Mobile needs codeChallenge (RFC 8252), web may have it.',
  })
  getGoogleAuthUrl(@Args() { platform, codeChallenge }: GoogleAuthUrlArgs): Promise<GoogleAuthUrlResponse> {
    return this.oauth.getStart('google', { platform, ...(codeChallenge == null ? {} : { codeChallenge }) });
  }

  @Public()
  @Query(() => [OAuthProviderEnum], { description: 'Providers that this installation has credentials for.' })
  getOAuthProviders(): Promise<OAuthProviderName[]> {
    return this.oauth.getProviders();
  }

  @Public()
  @Query(() => OAuthUrl, {
    description: 'Where to send the browser. `codeChallenge` is PKCE S256; the callback hands back a one-time code, never a token.',
  })
  getOAuthUrl(@Args() { provider, platform, codeChallenge }: OAuthUrlArgs): Promise<OAuthUrl> {
    return this.oauth.getStart(provider, { platform, codeChallenge });
  }

  @Public()
  @Mutation(() => AuthResponse, {
    description:
      'The one-time code from the callback: works once, for 60 seconds; codeVerifier where the URL was made with a codeChallenge.',
  })
  async exchangeOAuthCode(
    @Args() { code, codeVerifier }: ExchangeOAuthCodeArgs,
    @FromClient() client: ClientHeaders,
    @BearerToken() token?: string,
  ): Promise<AuthResponse> {
    const exchange = { code, ...(codeVerifier == null ? {} : { codeVerifier }) };
    return this.payloads.signedIn(await this.oauth.exchangeCode(exchange, client, token));
  }

  @Public()
  @Mutation(() => AuthResponse, {
    description: "Native sign-in: the provider's ID token, verified for signature, issuer, audience, expiry and nonce.",
  })
  async signInWithIdToken(
    @Args() { provider, idToken, nonce }: IdTokenArgs,
    @FromClient() client: ClientHeaders,
    @BearerToken() token?: string,
  ): Promise<AuthResponse> {
    return this.payloads.signedIn(await this.oauth.signInWithIdToken({ provider, idToken, nonce }, client, token));
  }

  @Query(() => [LinkedAccount])
  getLinkedAccounts(@CurrentUser() user: AuthenticatedUser): Promise<LinkedAccount[]> {
    return this.oauth.getLinked(user.token);
  }

  @Mutation(() => Boolean, {
    description: 'CONFLICT when it is the only way into the account. FORBIDDEN when the sign-in is older than ten minutes: sign in again.',
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
