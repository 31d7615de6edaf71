import { LOGGER, type Log } from '@chat/shared/observability';
import { createRedis } from '@chat/shared/realtime';
import { type DynamicModule, Inject, Module, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Redis } from 'ioredis';
import type { DataSource } from 'typeorm';
import { consumerGroupOf, type NotificationConfig } from '../config.js';
import { FeedBacklog } from './backlog.js';
import { CatchUp } from './catch-up.js';
import { PublishCheckpoints } from './checkpoints.js';
import { createReplayPool, RECORDER_DATABASE, REPLAY_DATABASE } from './databases.js';
import { FeedConsumer } from './feed.consumer.js';
import { FeedController } from './feed.controller.js';
import { FeedLog } from './feed-log.js';
import { LivePublisher } from './live-publisher.js';
import { PendingNotificationsWorker } from './pending-notifications.worker.js';
import { FeedReplay } from './replay.js';
import { ReplayQueries } from './replay-queries.js';
import { FeedRetention } from './retention.js';
import { KAFKA_SETTINGS, TopicRetentionCheck } from './topic-retention.js';
import { FeedDeletionWorker } from './feed-deletion-worker.js';

const PUBLISHER_REDIS = Symbol('redis connection of the live publisher');

/** The delivery feed: recorded from Kafka, published live, replayed to clients that missed events. */
@Module({})
export class FeedModule implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(
    @Inject(LivePublisher) private readonly publisher: LivePublisher,
    @Inject(PUBLISHER_REDIS) private readonly redis: Redis,
    @Inject(RECORDER_DATABASE) private readonly recorder: DataSource,
    private readonly pendingNotifications: PendingNotificationsWorker,
  ) {}

  static forRoot(config: NotificationConfig, connectRecorder: (log: Log) => Promise<DataSource>): DynamicModule {
    return {
      module: FeedModule,
      controllers: [FeedController],
      providers: [
        { provide: FeedLog, useValue: new FeedLog(consumerGroupOf(config), config.feedRetentionDays) },
        { provide: RECORDER_DATABASE, useFactory: connectRecorder, inject: [LOGGER] },
        { provide: REPLAY_DATABASE, useFactory: () => createReplayPool(config.database) },
        { provide: KAFKA_SETTINGS, useValue: config.kafka },
        { provide: PUBLISHER_REDIS, useFactory: (log: Log) => createRedis(config.redis, 'notification-publisher', log), inject: [LOGGER] },
        {
          provide: LivePublisher,
          useFactory: (redis: Redis, backlog: FeedBacklog, checkpoints: PublishCheckpoints, log: Log) =>
            new LivePublisher(redis, new CatchUp(redis, backlog, checkpoints), checkpoints, log),
          inject: [PUBLISHER_REDIS, FeedBacklog, PublishCheckpoints, LOGGER],
        },
        FeedBacklog,
        PublishCheckpoints,
        FeedConsumer,
        FeedReplay,
        ReplayQueries,
        FeedRetention,
        TopicRetentionCheck,
        FeedDeletionWorker,
        PendingNotificationsWorker,
      ],
      exports: [FeedConsumer, RECORDER_DATABASE],
    };
  }

  onApplicationBootstrap(): void {
    this.publisher.start();
    this.pendingNotifications.start();
  }

  /** Runs after the consumer has stopped, so that the last committed batch is still published. */
  async onApplicationShutdown(): Promise<void> {
    await this.pendingNotifications.stop();
    await this.publisher.stop();
    this.redis.disconnect();
    await this.recorder.destroy();
  }
}
