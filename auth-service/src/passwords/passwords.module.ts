import { Module } from '@nestjs/common';
import { BreachedPasswords } from './breached-passwords.js';
import { PasswordsService } from './passwords.service.js';

@Module({ providers: [PasswordsService, BreachedPasswords], exports: [PasswordsService] })
export class PasswordsModule {}
