export * from './bootstrap-service.js';
export { contextFromHeaders, SECURITY_HEADERS } from './request-hooks.js';
export { ServiceCoreModule } from './service-core.module.js';
