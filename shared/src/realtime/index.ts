export * from './channels.js';
export { redisKey } from './keys.js';
export * from './live-channels.js';
export * from './presence-leases.js';
export { executePipeline, publishOnPrimary } from './primary.js';
export * from './redis.js';
