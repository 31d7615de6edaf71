export * from './app-error.js';
export * from './error-codes.js';
export * from './problem.js';
export * from './transient.js';
