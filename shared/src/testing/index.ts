export * from './eventually.js';
export * from './random.js';
export * from './route-rules.js';
export * from './test-database.js';
export * from './test-infra.js';
export * from './test-internal-keys.js';
export * from './test-kafka.js';
export * from './test-tokens.js';
