import { HealthChecks, type Log, LOGGER } from '@chat/shared/observability';
import { createRedis, createSubscriber, LiveChannels, waitForRedis } from '@chat/shared/realtime';
import { type DynamicModule, Inject, Module, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { BlocksModule } from '../blocks/blocks.module.js';
import { ContactsModule } from '../contacts/contacts.module.js';
import { PresenceServiceConfig } from '../config.js';
import { BlocksConsumer } from './blocks.consumer.js';
import { PresenceCheckQueue } from './check-queue.js';
import { PresenceEvaluator } from './evaluator.js';
import { Leases } from './leases.js';
import { PresenceConsumer } from './presence.consumer.js';
import { PresenceController } from './presence.controller.js';
import { PresenceService } from './presence.service.js';
import { REDIS } from './redis.token.js';
import { PresenceWorker } from './worker.js';

@Module({})
export class PresenceModule implements OnModuleInit, OnApplicationShutdown {
  constructor(
    @Inject(REDIS) private readonly redis: Redis,
    private readonly live: LiveChannels,
    private readonly worker: PresenceWorker,
    health: HealthChecks,
  ) {
    health.register('redis', () => this.redis.ping());
  }

  static forRoot(config: PresenceServiceConfig): DynamicModule {
    return {
      module: PresenceModule,
      imports: [BlocksModule, ContactsModule],
      controllers: [PresenceController, PresenceConsumer, BlocksConsumer],
      providers: [
        { provide: PresenceServiceConfig, useValue: config },
        { provide: REDIS, inject: [LOGGER], useFactory: (logger: Log) => createRedis(config.redis, 'presence', logger) },
        {
          provide: LiveChannels,
          inject: [REDIS, LOGGER],
          useFactory: (redis: Redis, logger: Log) =>
            new LiveChannels(createSubscriber(config.redis, 'presence-subscriber', redis, logger), logger),
        },
        Leases,
        PresenceCheckQueue,
        PresenceEvaluator,
        PresenceService,
        PresenceWorker,
      ],
    };
  }

  /** Waits a moment, so that the service is ready when it listens. While Redis is unavailable the service starts all the same, and is not ready. */
  async onModuleInit(): Promise<void> {
    await waitForRedis(this.redis, 2000).catch(() => {});
  }

  /** The worker finishes its round while the connections are open. */
  async onApplicationShutdown(): Promise<void> {
    await this.worker.stop();
    this.live.close();
    this.redis.disconnect();
  }
}
