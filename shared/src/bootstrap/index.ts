export * from './context.js';
export * from './health-checks.js';
export * from './logger.js';
