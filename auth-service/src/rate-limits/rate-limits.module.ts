import { Global, Module } from '@nestjs/common';
import { AuthRateLimits } from './auth-rate-limits.js';

/** Global: the limits of every route. */
@Global()
@Module({ providers: [AuthRateLimits], exports: [AuthRateLimits] })
export class RateLimitsModule {}
