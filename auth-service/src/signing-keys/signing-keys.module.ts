import { Module } from '@nestjs/common';
import { KeyRotation } from './key-rotation.js';
import { SigningKeysController } from './signing-keys.controller.js';
import { SigningKeysService } from './signing-keys.service.js';

@Module({ controllers: [SigningKeysController], providers: [SigningKeysService, KeyRotation], exports: [SigningKeysService] })
export class SigningKeysModule {}
