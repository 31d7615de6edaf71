import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { LOGGER, type Log } from '@chat/shared/observability';
import { RateLimits } from '@chat/shared/rate-limits';
import { createRedis } from '@chat/shared/realtime';
import type { Redis } from 'ioredis';
import { AuthConfig } from '../config.js';

/** The classes of requests. They are part of the keys in Redis. */
export type RateLimitClass =
  'register' | 'login' | 'password-reset' | 'password-change' | 'codes' | 'email-verification' | 'mails' | 'notices';

/** The rate limits of auth-service, for all its instances together. */
@Injectable()
export class AuthRateLimits extends RateLimits<RateLimitClass> implements OnApplicationShutdown {
  readonly #redis: Redis;

  constructor({ redis: redisConfig, rateLimits, nodeEnv }: AuthConfig, @Inject(LOGGER) logger: Log) {
    const redis = createRedis(redisConfig, 'rate-limits', logger);
    super({
      classes: {
        register: rateLimits.register,
        login: rateLimits.login,
        'password-reset': rateLimits.passwordReset,
        'password-change': rateLimits.passwordChange,
        codes: rateLimits.codes,
        'email-verification': rateLimits.emailVerification,
        mails: rateLimits.mails,
        notices: rateLimits.notices,
      },
      config: rateLimits,
      isProduction: nodeEnv === 'production',
      redis,
    });
    this.#redis = redis;
  }

  onApplicationShutdown(): void {
    this.#redis.disconnect();
  }
}
