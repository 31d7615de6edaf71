export * from './channels.js';
export * from './live-channels.js';
export * from './presence-leases.js';
export { executePipeline, publishOnPrimary } from './primary.js';
export * from './redis.js';
