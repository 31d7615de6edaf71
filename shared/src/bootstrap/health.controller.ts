import { Controller, Get, Inject, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Public } from '../auth/public.decorator.js';
import { HealthChecks } from '../observability/health-checks.js';

/** Liveness and readiness, for load balancers and process managers. */
@ApiExcludeController()
@Public()
@Controller('health')
export class HealthController {
  constructor(@Inject(HealthChecks) private readonly health: HealthChecks) {}

  /** 200: the process runs. */
  @Get('live')
  live(): { status: string } {
    return { status: 'live' };
  }

  /** 200: the process can do its work now; 503: it cannot. The failed checks are told only on the port of the metrics. */
  @Get('ready')
  async ready(@Res() reply: FastifyReply): Promise<void> {
    const { ready } = await this.health.report();
    await reply.status(ready ? 200 : 503).send({ status: ready ? 'ready' : 'not ready' });
  }
}
