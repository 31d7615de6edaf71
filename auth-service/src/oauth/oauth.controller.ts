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
import { AuthTokensDto } from '../sessions/sessions.dto.js';
import { Origin, type SignInOrigin } from '../sign-in/sign-in-origin.js';
import { IdentitiesService } from './identities.service.js';
import { OAuthFlowService } from './oauth-flow.service.js';
import { OAuthProviders } from './oauth-providers.js';
import { OAuthSignInService } from './oauth-sign-in.service.js';
import { ExchangeOAuthCodeDto, IdTokenDto, LinkedAccountDto, OAuthStartDto, OAuthStartQuery, ProviderDto } from './oauth.dto.js';
import { PROVIDER_NAMES } from './providers/oauth-provider.js';

/** What a client asks around a sign-in at a provider, and what an account is linked to. */
@ApiTags('sign-in at a provider')
@Controller('auth/oauth')
export class OAuthController {
  constructor(
    private readonly providers: OAuthProviders,
    private readonly flow: OAuthFlowService,
    private readonly signIn: OAuthSignInService,
    private readonly identities: IdentitiesService,
  ) {}

  @ApiOperation({ summary: 'The providers that this installation has credentials for.' })
  @Public()
  @Get('providers')
  @ApiOkResponse({ schema: { type: 'array', items: { type: 'string', enum: [...PROVIDER_NAMES] } } })
  list(): OAuthProviderName[] {
    return this.providers.names;
  }

  @ApiOperation({ summary: 'Where to send the browser.' })
  @Public()
  @Get('url/:provider')
  @ApiOkResponse({ type: OAuthStartDto })
  @ApiNotImplementedResponse({ description: 'The provider is not set up here' })
  startUrl(@Param() { provider }: ProviderDto, @Query() { platform, codeChallenge }: OAuthStartQuery): OAuthStart {
    return this.flow.startUrl(provider, platform, codeChallenge);
  }

  @ApiOperation({
    summary:
      'Opens a session for the one-time code of a callback. An account is made when there is none; a session of the same account whose access token comes with it ends.',
  })
  @Public()
  @Post('exchange')
  @Header('cache-control', 'no-store')
  @HttpCode(200)
  @ApiOkResponse({ type: AuthTokensDto })
  @ApiBadRequestResponse({ description: 'The code is unknown, ran out, was used, or the verifier does not fit' })
  exchange(@Body() { code, codeVerifier }: ExchangeOAuthCodeDto, @Origin() origin: SignInOrigin): Promise<AuthTokens> {
    return this.signIn.withCode(code, codeVerifier, origin);
  }

  @ApiOperation({
    summary:
      "Opens a session for an ID token of the provider's SDK. An account is made when there is none; a session of the same account whose access token comes with it ends.",
  })
  @Public()
  @Post('id-token')
  @Header('cache-control', 'no-store')
  @HttpCode(200)
  @ApiOkResponse({ type: AuthTokensDto })
  @ApiUnauthorizedResponse({ description: 'The token does not hold; why is not told' })
  @ApiNotImplementedResponse({ description: 'The provider is not set up here' })
  idToken(@Body() { provider, idToken, nonce }: IdTokenDto, @Origin() origin: SignInOrigin): Promise<AuthTokens> {
    return this.signIn.withIdToken(provider, idToken, nonce, origin);
  }

  @ApiOperation({ summary: "The providers that the caller's account is linked to." })
  @Get('linked')
  @ApiBearerAuth()
  @ApiOkResponse({ type: [LinkedAccountDto] })
  linked(@CurrentUser() caller: AuthenticatedUser): Promise<LinkedAccount[]> {
    return this.identities.list(caller);
  }

  @ApiOperation({ summary: 'Takes a provider off the account, unless it is the last way in. Needs a sign-in of the last ten minutes.' })
  @Delete('linked/:provider')
  @HttpCode(204)
  @ApiBearerAuth()
  @ApiNoContentResponse()
  @ApiForbiddenResponse({ description: 'The session was opened more than ten minutes ago: sign in again' })
  @ApiNotFoundResponse({ description: 'Not linked' })
  @ApiConflictResponse({ description: 'The last way in' })
  unlink(@CurrentUser() caller: AuthenticatedUser, @Param() { provider }: ProviderDto, @Client() client: ClientDetails): Promise<void> {
    return this.identities.unlink(caller, provider, client);
  }
}
