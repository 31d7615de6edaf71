export * from './backoff.js';
export * from './deadlines.js';
export * from './fair-queue.js';
export * from './polling-worker.js';
