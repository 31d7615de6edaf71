import { Module } from '@nestjs/common';
import { BlocksConsumer } from './blocks.consumer.js';
import { BlocksService } from './blocks.service.js';

@Module({ controllers: [BlocksConsumer], providers: [BlocksService], exports: [BlocksService] })
export class BlocksModule {}
