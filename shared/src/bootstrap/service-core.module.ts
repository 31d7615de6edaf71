import { type DynamicModule, Module } from '@nestjs/common';
import type { Logger } from 'pino';
import { HealthChecks } from './health-checks.js';
import { HealthController } from './health.controller.js';

/** Token of the service's pino logger: `constructor(@Inject(LOGGER) private readonly logger: Log)`. */
export const LOGGER = Symbol('logger');

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
