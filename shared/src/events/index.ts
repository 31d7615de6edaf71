export * from './event-types.generated.js';
