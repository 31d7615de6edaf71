import { currentContext } from '@chat/shared/observability';
import { AppError } from '@chat/shared/errors';
import { Controller, Get, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { GatewayConfig } from '../config.js';
import { clientHeadersOf } from '../clients/client-headers.js';

const PATHS = ['google', 'github', 'facebook'].flatMap((provider) =>
  [provider, `${provider}/mobile`].flatMap((start) => [start, `${start}/callback`]),
);

/** auth-service waits for the provider in turn. */
const TIMEOUT_MS = 15_000;
/** What of an answer a browser needs; the rest is the gateway's own. */
const PASSED_BACK = ['location', 'cache-control', 'content-type', 'retry-after'];

/**
 * Where a browser begins and ends a sign-in at a provider. auth-service does it, out of reach behind the gateway, so these paths are passed
 * through: the query and cookies one way, redirect and cookie the other.
 */
@Controller('auth')
export class OAuthPagesController {
  constructor(private readonly config: GatewayConfig) {}

  @Get(PATHS)
  async pass(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const answer = await this.ask(request);
    for (const name of PASSED_BACK) {
      const value = answer.headers.get(name);
      if (value !== null) void reply.header(name, value);
    }
    const cookies = answer.headers.getSetCookie();
    if (cookies.length > 0) void reply.header('set-cookie', cookies);
    await reply.status(answer.status).send(answer.text);
  }

  private async ask(request: FastifyRequest): Promise<{ status: number; headers: Headers; text: string }> {
    const headers = clientHeadersOf(request, this.config.trustedProxies);
    const { cookie } = request.headers;
    const correlationId = currentContext()?.correlationId;
    if (cookie !== undefined) headers.cookie = cookie;
    if (correlationId !== undefined) headers['x-correlation-id'] = correlationId;
    try {
      const answer = await fetch(this.config.authServiceUrl + request.url, {
        redirect: 'manual',
        headers,
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      return { status: answer.status, headers: answer.headers, text: await answer.text() };
    } catch (cause) {
      throw new AppError('unavailable', 'auth-service/unavailable', 'Signing in is not possible at present. Try again in a moment.', {
        cause,
      });
    }
  }
}
