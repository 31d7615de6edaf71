import { Body, Controller, Delete, Get, Header, HttpCode, Param, Post, Query } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiBearerAuth,
  ApiConflictResponse,
  ApiForbiddenResponse,
  ApiNoContentResponse,
  ApiNotFoundResponse,
  ApiNotImplementedResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
  ApiUnauthorizedResponse,
} from '@nestjs/swagger';
import { type AuthenticatedUser, CurrentUser, Public } from '@chat/shared/auth';
import type { AuthTokens, LinkedAccount, OAuthProviderName, OAuthStart } from '@chat/shared/contracts';
import { Client, type ClientDetails } from '../client/client-details.js';
import { RateLimited } from '../rate-limits/rate-limited.decorator.js';
import { AuthTokensDto } from '../sessions/sessions.dto.js';
import { Origin, type SignInOrigin } from '../sign-in/sign-in-origin.js';
import { LinkedAccountsService } from './linked-accounts.service.js';
import { OAuthFlowService } from './oauth-flow.service.js';
import { OAuthProviders } from './oauth-providers.js';
import { OAuthSignInService } from './oauth-sign-in.service.js';
import { ExchangeOAuthCodeDto, IdTokenDto, LinkedAccountDto, OAuthStartDto, OAuthStartQuery, ProviderDto } from './oauth.dto.js';
import { PROVIDER_NAMES } from './providers/oauth-provider.js';

const SIGN_IN_FIRST = 'An account has the address, and the provider is no authority for it: the owner signs in to the account first';

/** What a client needs for a sign-in at a provider, and the providers that an account is linked to. */
@ApiTags('sign-in at a provider')
@Controller('auth/oauth')
export class OAuthController {
  constructor(
    private readonly providers: OAuthProviders,
    private readonly flow: OAuthFlowService,
    private readonly signIn: OAuthSignInService,
    private readonly linkedAccounts: LinkedAccountsService,
  ) {}

  @ApiOperation({ summary: 'The providers for which this installation has credentials.' })
  @Public()
  @Get('providers')
  @ApiOkResponse({ schema: { type: 'array', items: { type: 'string', enum: [...PROVIDER_NAMES] } } })
  list(): OAuthProviderName[] {
    return this.providers.names;
  }

  @ApiOperation({ summary: 'The address that a client opens in a browser.' })
  @Public()
  @Get('url/:provider')
  @ApiOkResponse({ type: OAuthStartDto })
  @ApiNotImplementedResponse({ description: 'The provider is not configured' })
  startUrl(@Param() { provider }: ProviderDto, @Query() { platform, codeChallenge }: OAuthStartQuery): OAuthStart {
    return this.flow.startUrl(provider, platform, codeChallenge);
  }

  @ApiOperation({
    summary:
      'Opens a session for the one-time code of a callback. Creates the account if there is none. Revokes the session of the access token in the request, if it belongs to the same account.',
  })
  @Public()
  @RateLimited('codes')
  @Post('exchange')
  @Header('cache-control', 'no-store')
  @HttpCode(200)
  @ApiOkResponse({ type: AuthTokensDto })
  @ApiBadRequestResponse({ description: 'The code is unknown, expired or used, or the verifier is wrong' })
  @ApiConflictResponse({ description: SIGN_IN_FIRST })
  exchange(@Body() { code, codeVerifier }: ExchangeOAuthCodeDto, @Origin() origin: SignInOrigin): Promise<AuthTokens> {
    return this.signIn.withCode(code, codeVerifier, origin);
  }

  @ApiOperation({
    summary:
      "Opens a session for an ID token of the provider's SDK. Creates the account if there is none. Revokes the session of the access token in the request, if it belongs to the same account.",
  })
  @Public()
  @RateLimited('codes')
  @Post('id-token')
  @Header('cache-control', 'no-store')
  @HttpCode(200)
  @ApiOkResponse({ type: AuthTokensDto })
  @ApiUnauthorizedResponse({ description: 'The token is not valid. The reason is only in the log' })
  @ApiConflictResponse({ description: SIGN_IN_FIRST })
  @ApiNotImplementedResponse({ description: 'The provider is not configured' })
  idToken(@Body() { provider, idToken, nonce }: IdTokenDto, @Origin() origin: SignInOrigin): Promise<AuthTokens> {
    return this.signIn.withIdToken(provider, idToken, nonce, origin);
  }

  @ApiOperation({ summary: 'The providers that the account is linked to.' })
  @Get('linked')
  @ApiBearerAuth()
  @ApiOkResponse({ type: [LinkedAccountDto] })
  linked(@CurrentUser() user: AuthenticatedUser): Promise<LinkedAccount[]> {
    return this.linkedAccounts.list(user);
  }

  @ApiOperation({ summary: 'Unlinks a provider, unless it is the only way to sign in. Requires a sign-in within the last ten minutes.' })
  @Delete('linked/:provider')
  @HttpCode(204)
  @ApiBearerAuth()
  @ApiNoContentResponse()
  @ApiForbiddenResponse({ description: 'The session is older than ten minutes: sign in again' })
  @ApiNotFoundResponse({ description: 'The provider is not linked' })
  @ApiConflictResponse({ description: 'The provider is the only way to sign in' })
  unlink(@CurrentUser() user: AuthenticatedUser, @Param() { provider }: ProviderDto, @Client() client: ClientDetails): Promise<void> {
    return this.linkedAccounts.unlink(user, provider, client);
  }
}
