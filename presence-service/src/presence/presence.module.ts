import { HealthChecks, type Log, LOGGER } from '@chat/shared/observability';
import { createRedis, LiveChannels, waitForRedis } from '@chat/shared/realtime';
import { type DynamicModule, Inject, Module, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { ContactsModule } from '../contacts/contacts.module.js';
import { PresenceServiceConfig } from '../config.js';
import { DuePeople } from './due-people.js';
import { Leases } from './leases.js';
import { PresenceConsumer } from './presence.consumer.js';
import { PresenceController } from './presence.controller.js';
import { PresenceLooks } from './presence-looks.js';
import { PresenceService } from './presence.service.js';
import { PresenceWatch } from './presence-watch.js';
import { REDIS } from './redis.token.js';

@Module({})
export class PresenceModule implements OnModuleInit, OnApplicationShutdown {
  constructor(
    @Inject(REDIS) private readonly redis: Redis,
    private readonly live: LiveChannels,
    private readonly watch: PresenceWatch,
    health: HealthChecks,
  ) {
    health.register('redis', () => this.redis.ping());
  }

  static forRoot(config: PresenceServiceConfig): DynamicModule {
    return {
      module: PresenceModule,
      imports: [ContactsModule],
      controllers: [PresenceController, PresenceConsumer],
      providers: [
        { provide: PresenceServiceConfig, useValue: config },
        { provide: REDIS, inject: [LOGGER], useFactory: (logger: Log) => createRedis(config.redis, 'presence', logger) },
        {
          provide: LiveChannels,
          inject: [LOGGER],
          useFactory: (logger: Log) => new LiveChannels(createRedis(config.redis, 'presence-subscriber', logger), logger),
        },
        Leases,
        DuePeople,
        PresenceLooks,
        PresenceService,
        PresenceWatch,
      ],
    };
  }

  /** Gives the connection a moment, so that who listens also works. With Redis away the service starts all the same, and is not ready. */
  async onModuleInit(): Promise<void> {
    await waitForRedis(this.redis, 2000).catch(() => {});
  }

  /** The watch finishes its round with the connections still open. */
  async onApplicationShutdown(): Promise<void> {
    await this.watch.stop();
    this.live.close();
    this.redis.disconnect();
  }
}
