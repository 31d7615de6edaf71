export { rateLimited, RateLimits, type RateLimitsOptions, type RequestSource } from './rate-limits.js';
