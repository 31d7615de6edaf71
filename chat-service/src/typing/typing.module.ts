import { type Log, LOGGER } from '@chat/shared/observability';
import { createRedis } from '@chat/shared/realtime';
import { Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { ChatConfig } from '../config.js';
import { TypingController } from './typing.controller.js';
import { TYPING_REDIS, TypingService } from './typing.service.js';

@Module({
  controllers: [TypingController],
  providers: [
    TypingService,
    {
      provide: TYPING_REDIS,
      inject: [ChatConfig, LOGGER],
      useFactory: (config: ChatConfig, logger: Log) => createRedis(config.redis, 'chat-typing', logger),
    },
  ],
})
export class TypingModule implements OnApplicationShutdown {
  constructor(@Inject(TYPING_REDIS) private readonly redis: Redis) {}

  onApplicationShutdown(): void {
    this.redis.disconnect();
  }
}
