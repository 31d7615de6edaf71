import { type DynamicModule, Module } from '@nestjs/common';
import type { Logger } from 'pino';
import { HealthChecks } from '../observability/health-checks.js';
import { LOGGER } from '../observability/index.js';
import { HealthController } from './health.controller.js';

/** Global: the service's logger and its health checks. */
@Module({})
export class ServiceCoreModule {
  static forRoot(logger: Logger, health: HealthChecks): DynamicModule {
    return {
      module: ServiceCoreModule,
      global: true,
      controllers: [HealthController],
      providers: [
        { provide: LOGGER, useValue: logger },
        { provide: HealthChecks, useValue: health },
      ],
      exports: [LOGGER, HealthChecks],
    };
  }
}
