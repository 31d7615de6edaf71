import { Controller, Get, Header, Req, Res } from '@nestjs/common';
import { ApiBadRequestResponse, ApiFoundResponse, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import { Public } from '@chat/shared/auth';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AuthConfig } from '../config.js';
import { BrowserSecretCookie } from './browser-secret.js';
import { OAuthFlowService } from './oauth-flow.service.js';
import { badChallenge } from './oauth.errors.js';
import { type Platform, PROVIDER_NAMES, type ProviderName } from './providers/oauth-provider.js';

const START_PATHS = PROVIDER_NAMES.flatMap((name) => [name, `${name}/mobile`]);
const CALLBACK_PATHS = START_PATHS.map((path) => `${path}/callback`);

/** The addresses that a browser visits during a sign-in at a provider. The gateway proxies them. */
@ApiTags('sign-in at a provider')
@Controller('auth')
export class OAuthBrowserController {
  readonly #cookie: BrowserSecretCookie;

  constructor(
    private readonly flow: OAuthFlowService,
    config: AuthConfig,
  ) {
    this.#cookie = new BrowserSecretCookie(config.oauth.publicUrl);
  }

  @ApiOperation({ summary: 'Redirects the browser to the provider, and sets a cookie without which no browser can finish the sign-in.' })
  @Public()
  @Get(START_PATHS)
  @Header('cache-control', 'no-store')
  @ApiQuery({ name: 'code_challenge', required: false, description: "PKCE (S256) of the client's own verifier. Required for mobile" })
  @ApiFoundResponse({ description: 'Redirect to the provider' })
  async begin(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { provider, platform, query } = pathOf(request);
    const [codeChallenge, expires] = ['code_challenge', 'expires'].map((name) => query.get(name) ?? undefined);
    // A client that asks for another method would rely on a protection that it does not get.
    if ((query.get('code_challenge_method') ?? 'S256') !== 'S256') throw badChallenge();
    const begun = await this.flow.begin(provider, platform, {
      ...(codeChallenge === undefined ? {} : { codeChallenge }),
      ...(expires === undefined ? {} : { expires }),
    });
    this.#cookie.set(reply, begun.attemptId, begun.browserSecret);
    await reply.redirect(begun.location, 302);
  }

  @ApiOperation({ summary: 'Receives the browser from the provider, and redirects it to the client with a one-time code.' })
  @Public()
  @Get(CALLBACK_PATHS)
  @Header('cache-control', 'no-store')
  @ApiFoundResponse({ description: 'Redirect to WEB_APP_URL or to the mobile app, with `code` or with `error`' })
  @ApiBadRequestResponse({
    description: 'The sign-in was not begun by this browser, is expired, was used before, or belongs to another provider',
  })
  async finish(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { provider, platform, query } = pathOf(request);
    const secretOf = (attemptId: string) => this.#cookie.read(request, attemptId);
    const { location, attemptId } = await this.flow.finish(provider, platform, query, secretOf);
    this.#cookie.clear(reply, attemptId);
    await reply.redirect(location, 302);
  }
}

function pathOf({ url }: FastifyRequest): { provider: ProviderName; platform: Platform; query: URLSearchParams } {
  const { pathname, searchParams } = new URL(url, 'http://here');
  const [, , provider, platform] = pathname.split('/');
  return { provider: provider as ProviderName, platform: platform === 'mobile' ? 'mobile' : 'web', query: searchParams };
}
