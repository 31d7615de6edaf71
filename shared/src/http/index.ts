export * from './canonical.js';
export * from './canonical-fields.js';
export * from './ip-network.js';
export * from './page-query.dto.js';
export * from './problem.filter.js';
export * from './service-client.js';
export * from './validation.pipe.js';
export * from './validators.js';
