export * from './at-most-every.js';
export * from './health-checks.js';
export * from './logger.js';
export * from './logger-token.js';
export * from './nest-logger.js';
export * from './work-context.js';
