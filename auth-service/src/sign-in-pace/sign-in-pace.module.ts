import { Module } from '@nestjs/common';
import { SignInPace } from './sign-in-pace.js';

@Module({ providers: [SignInPace], exports: [SignInPace] })
export class SignInPaceModule {}
