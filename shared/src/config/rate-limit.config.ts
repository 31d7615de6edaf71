import { Env } from './env.decorators.js';

const DEVELOPMENT_SCALE = 100;

/** What is common to all rate limits of a service. Each class of operations has a variable of its own, of the type `rateLimit`. */
export class RateLimitConfig {
  @Env({
    name: 'RATE_LIMIT_SCALE',
    type: 'int',
    optional: true,
    min: 1,
    max: 1_000_000,
    description: 'Multiplies the points of every rate limit; empty: 100, in production 1',
  })
  scale?: number;

  @Env({
    name: 'RATE_LIMIT_USERS_PER_ADDRESS',
    type: 'int',
    default: 20,
    min: 1,
    max: 1_000_000,
    description:
      'Users that may share one address (IPv6: one /64): all users of an address together have the limits of this many users. Behind proxies, TRUST_PROXY must be right',
  })
  usersPerAddress: number;
}

/** The factor of every limit. A demo, a test or a benchmark does much from one address. */
export function rateLimitScale({ scale }: RateLimitConfig, isProduction: boolean): number {
  return scale ?? (isProduction ? 1 : DEVELOPMENT_SCALE);
}
