import { type DynamicModule, Module } from '@nestjs/common';
import type { Logger } from 'pino';
import { HealthChecks } from '../observability/health-checks.js';
import { LOGGER } from '../observability/index.js';
import { HealthController } from './health.controller.js';

/** Global: provides the logger (LOGGER) and HealthChecks, and serves /health. */
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
