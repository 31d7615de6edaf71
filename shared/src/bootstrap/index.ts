export * from './bootstrap-service.js';
export * from './context.js';
export * from './health-checks.js';
export * from './logger.js';
export * from './nest-logger.js';
export { contextFromHeaders, SECURITY_HEADERS } from './request-hooks.js';
export { LOGGER, ServiceCoreModule } from './service-core.module.js';
