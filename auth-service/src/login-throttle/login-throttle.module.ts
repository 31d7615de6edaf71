import { Module } from '@nestjs/common';
import { AttemptDelay } from './attempt-delay.js';
import { LoginThrottle } from './login-throttle.js';

@Module({ providers: [AttemptDelay, LoginThrottle], exports: [LoginThrottle] })
export class LoginThrottleModule {}
