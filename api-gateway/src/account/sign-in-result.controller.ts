import { Controller, Get, Req, Res, UseGuards } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { queryOf } from './query-of.js';
import { RequestLimitGuard } from './request-limit.guard.js';
import { PAGE_POLICY, signInResultPage } from './sign-in-result-page.js';

const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': PAGE_POLICY,
  'content-type': 'text/html; charset=utf-8',
  'referrer-policy': 'no-referrer',
};

/** The end of a sign-in at a provider if there is no web client: WEB_APP_URL of auth-service is then the address of the gateway. */
@Controller('auth')
@UseGuards(RequestLimitGuard)
export class SignInResultController {
  @Get('callback')
  async show(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { status, html } = signInResultPage(new URLSearchParams(queryOf(request)));
    await reply.status(status).headers(HEADERS).send(html);
  }
}
