export * from './event-types.generated.js';
export * from './event-schemas.generated.js';
export * from './catalogue.js';
export * from './event-rules.js';
