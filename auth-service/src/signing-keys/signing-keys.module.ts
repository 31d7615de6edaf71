import { Module } from '@nestjs/common';
import { SigningKeysController } from './signing-keys.controller.js';
import { SigningKeysService } from './signing-keys.service.js';

@Module({ controllers: [SigningKeysController], providers: [SigningKeysService], exports: [SigningKeysService] })
export class SigningKeysModule {}
