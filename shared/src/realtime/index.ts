export * from './channels.js';
export * from './live-channels.js';
export * from './presence-leases.js';
export * from './redis.js';
