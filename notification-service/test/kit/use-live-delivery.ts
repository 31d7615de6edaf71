import assert from 'node:assert/strict';
import { RedisConfig } from '@chat/shared/config';
import type { FeedEvent } from '@chat/shared/contracts';
import { newId } from '@chat/shared/database';
import { silentLog } from '@chat/shared/observability';
import { createRedis } from '@chat/shared/realtime';
import { eventually, testInfra } from '@chat/shared/testing';
import { FaultProxy } from '@chat/testkit/fault-proxy';
import type { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { FeedBacklog } from '../../src/feed/backlog.js';
import { CatchUp } from '../../src/feed/catch-up.js';
import { PublishCheckpoints } from '../../src/feed/checkpoints.js';
import { LivePublisher } from '../../src/feed/live-publisher.js';
import { ChannelSubscriber } from './channel-subscriber.js';
import { Conversation } from './events.js';
import { feedLog } from './fake-log.js';
import { TestFeed } from './use-feed.js';

export const PARTITIONS = [0, 1];

/** Publishers of one feed, with a proxy to Redis, and a subscriber to the channels of the user Ann. */
export class LiveDelivery extends TestFeed {
  proxy: FaultProxy;
  ann: string;
  subscriber: ChannelSubscriber;
  /** The ids of all events in conversations of Ann. */
  sent: string[] = [];
  #processes: { publisher: LivePublisher; redis: Redis }[] = [];

  async begin(): Promise<void> {
    await this.beginLog(PARTITIONS.length);
    this.ann = newId();
    this.subscriber = await ChannelSubscriber.of(this.ann);
    this.sent = [];
  }

  async end(): Promise<void> {
    this.proxy.resume();
    for (const { publisher, redis } of this.#processes) {
      await publisher.stop();
      redis.disconnect();
    }
    this.#processes = [];
    this.subscriber.close();
  }

  startProcess(maxQueued?: number, backlog = new FeedBacklog(this.dataSource, feedLog)): LivePublisher {
    const redis = createRedis(RedisConfig.fromUrl(this.proxy.urlFor(testInfra().redisUrl)), 'test-publisher', silentLog);
    const checkpoints = new PublishCheckpoints(this.dataSource);
    const publisher = new LivePublisher(redis, new CatchUp(redis, backlog, checkpoints), checkpoints, silentLog, maxQueued);
    this.#processes.push({ publisher, redis });
    publisher.start();
    publisher.assign(PARTITIONS);
    return publisher;
  }

  /** Conversations of Ann, some of each partition. */
  conversationsOfAnn(count = 4): Conversation[] {
    return Array.from({ length: count }, () => {
      const conversation = new Conversation(
        (...args) => {
          const event = this.log.write(...args);
          this.sent.push(event.eventId);
          return event;
        },
        [this.ann, newId()],
      );
      conversation.create();
      return conversation;
    });
  }

  async commitTo(publisher: LivePublisher): Promise<void> {
    publisher.accept(await this.record());
  }

  /** Whatever faults happened: a gateway has every event once, and in order within each partition. */
  async everyEventOnce(): Promise<FeedEvent[]> {
    return await eventually(() => {
      const events = this.subscriber.newerOnly(this.ann);
      // The cheap comparison first: printing the difference of two long lists takes long.
      if (events.length < this.sent.length) throw new Error(`${events.length} of ${this.sent.length} events`);
      assert.deepEqual(events.map(({ eventId }) => eventId).toSorted(), this.sent.toSorted());
      return events;
    });
  }
}

export function caughtUp(publisher: LivePublisher): Promise<unknown> {
  return eventually(() => publisher.partitionsLagging === 0 && publisher.queued === 0);
}

export function useLiveDelivery(): LiveDelivery {
  const live = new LiveDelivery();
  beforeAll(async () => {
    await live.open();
    live.proxy = await FaultProxy.start(testInfra().redisUrl, 6379);
  });
  afterAll(async () => {
    await live.close();
    await live.proxy?.close();
  });
  beforeEach(() => live.begin());
  afterEach(() => live.end());
  return live;
}
