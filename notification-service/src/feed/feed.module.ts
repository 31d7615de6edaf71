import { LOGGER, type Log } from '@chat/shared/observability';
import { createRedis } from '@chat/shared/realtime';
import { type DynamicModule, Inject, Module, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { consumerGroupOf, type NotificationConfig } from '../config.js';
import { FeedConsumer } from './feed-consumer.js';
import { FeedController } from './feed.controller.js';
import { FeedLog } from './feed-log.js';
import { FeedRecorder } from './feed-recorder.js';
import { FeedReplay } from './feed-replay.js';
import { FeedRetention, RETENTION_DAYS } from './feed-retention.js';
import { LivePublisher } from './live-publisher.js';
import { PublishedPlaces } from './published-places.js';

const PUBLISHING_REDIS = Symbol('publishing redis');

/** The delivery feed: recorded from Kafka, published live, replayed to whoever comes back. */
@Module({})
export class FeedModule implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(
    @Inject(LivePublisher) private readonly publisher: LivePublisher,
    @Inject(PUBLISHING_REDIS) private readonly redis: Redis,
  ) {}

  static forRoot(config: NotificationConfig): DynamicModule {
    return {
      module: FeedModule,
      controllers: [FeedController],
      providers: [
        { provide: FeedLog, useValue: new FeedLog(consumerGroupOf(config)) },
        { provide: RETENTION_DAYS, useValue: config.feedRetentionDays },
        { provide: PUBLISHING_REDIS, useFactory: (log: Log) => createRedis(config.redis, 'notification-publisher', log), inject: [LOGGER] },
        {
          provide: LivePublisher,
          useFactory: (redis: Redis, places: PublishedPlaces, log: Log) => new LivePublisher(redis, places, log),
          inject: [PUBLISHING_REDIS, PublishedPlaces, LOGGER],
        },
        PublishedPlaces,
        FeedRecorder,
        FeedConsumer,
        FeedReplay,
        FeedRetention,
      ],
      exports: [FeedConsumer],
    };
  }

  onApplicationBootstrap(): void {
    this.publisher.start();
  }

  /** After the consumer has stopped: what it committed last still goes out. */
  async onApplicationShutdown(): Promise<void> {
    await this.publisher.stop();
    this.redis.disconnect();
  }
}
