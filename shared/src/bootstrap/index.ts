export type { BootstrapDeps, BootstrapOptions } from './bootstrap-options.js';
export * from './bootstrap-service.js';
export { openApiDocument, type OpenApiMeta } from './open-api.js';
export { contextFromHeaders, SECURITY_HEADERS } from './request-hooks.js';
export { ServiceCoreModule } from './service-core.module.js';
