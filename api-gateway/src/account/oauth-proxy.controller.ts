import { currentContext } from '@chat/shared/observability';
import { AppError } from '@chat/shared/errors';
import { Controller, Get, Req, Res, UseGuards } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { GatewayConfig } from '../config.js';
import { clientHeadersOf } from '../clients/client-headers.js';
import { queryOf } from './query-of.js';
import { RequestLimitGuard } from './request-limit.guard.js';

const PATHS = ['google', 'github', 'facebook'].flatMap((provider) =>
  [provider, `${provider}/mobile`].flatMap((start) => [start, `${start}/callback`]),
);

/** Longer than the deadline of auth-service for the provider. */
const TIMEOUT_MS = 15_000;
/** The headers of a response that a browser needs; the gateway sets the others itself. */
const PROXIED_HEADERS = ['location', 'cache-control', 'content-type', 'retry-after'];

/**
 * The addresses where a browser begins and ends a sign-in at a provider. auth-service handles them, and browsers cannot reach it; so the
 * gateway proxies them: query and cookies in one direction, redirect and cookie in the other.
 */
@Controller('auth')
@UseGuards(RequestLimitGuard)
export class OAuthProxyController {
  constructor(private readonly config: GatewayConfig) {}

  @Get(PATHS)
  async proxy(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const response = await this.ask(request);
    for (const name of PROXIED_HEADERS) {
      const value = response.headers.get(name);
      if (value !== null) void reply.header(name, value);
    }
    const cookies = response.headers.getSetCookie();
    if (cookies.length > 0) void reply.header('set-cookie', cookies);
    await reply.status(response.status).send(response.text);
  }

  private async ask(request: FastifyRequest): Promise<{ status: number; headers: Headers; text: string }> {
    const headers = clientHeadersOf(request, this.config.trustedProxies);
    const { cookie } = request.headers;
    const correlationId = currentContext()?.correlationId;
    if (cookie !== undefined) headers.cookie = cookie;
    if (correlationId !== undefined) headers['x-correlation-id'] = correlationId;
    try {
      const response = await fetch(this.config.authServiceUrl + request.routeOptions.url + queryOf(request), {
        redirect: 'manual',
        headers,
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      return { status: response.status, headers: response.headers, text: await response.text() };
    } catch (cause) {
      throw new AppError('unavailable', 'auth-service/unavailable', 'Signing in is not possible at present. Try again in a moment.', {
        cause,
      });
    }
  }
}
