import { silentLog } from '@chat/shared/observability';
import { encodeLiveFeedEvent, liveTextOf, type FeedEvent, type LogPosition } from '@chat/shared/contracts';
import { newId } from '@chat/shared/database';
import type { ReceivedEvent } from '@chat/shared/consumer';
import { RedisConfig } from '@chat/shared/config';
import { createRedis } from '@chat/shared/realtime';
import { eventually, testInfra } from '@chat/shared/testing';
import { FaultProxy } from '@chat/testkit/fault-proxy';
import type { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DataSource } from 'typeorm';
import { recordBatch } from '../src/feed/record-batch.js';
import { toStoredEvent, type FeedRecord, type RecordedBatch } from '../src/feed/feed-event.js';
import { LivePublisher } from '../src/feed/live-publisher.js';
import { FeedBacklog } from '../src/feed/backlog.js';
import { CatchUp } from '../src/feed/catch-up.js';
import { PublishCheckpoints } from '../src/feed/checkpoints.js';
import { Conversation } from './kit/events.js';
import { FakeLog, feedLog } from './kit/fake-log.js';
import { createFeedDatabase, type FeedDatabase } from './kit/feed-database.js';
import { ChannelSubscriber } from './kit/channel-subscriber.js';

const PARTITIONS = [0, 1];

let database: FeedDatabase;
let proxy: FaultProxy;
let log: FakeLog;
let epoch = 0;
let ann: string;
let subscriber: ChannelSubscriber;
let sent: string[];
let processes: { publisher: LivePublisher; redis: Redis }[];

beforeAll(async () => {
  database = await createFeedDatabase();
  proxy = await FaultProxy.start(testInfra().redisUrl, 6379);
});
afterAll(async () => {
  await database?.close();
  await proxy?.close();
});
beforeEach(async () => {
  log = await FakeLog.begin(database.dataSource, { epoch: ++epoch });
  ann = newId();
  subscriber = await ChannelSubscriber.of(ann);
  sent = [];
  processes = [];
});
afterEach(async () => {
  proxy.resume();
  for (const { publisher, redis } of processes) {
    await publisher.stop();
    redis.disconnect();
  }
  subscriber.close();
});

/** Runs `meanwhile` once, after an empty page of the newest log was read and before the publisher receives it. */
class StaleBacklog extends FeedBacklog {
  #hasRun = false;

  constructor(
    dataSource: DataSource,
    log: typeof feedLog,
    private readonly meanwhile: () => Promise<void>,
  ) {
    super(dataSource, log);
  }

  override async eventsAfter(position: LogPosition, limit: number): Promise<RecordedBatch> {
    const page = await super.eventsAfter(position, limit);
    if (page.events.length > 0 || position.epoch < epoch || this.#hasRun) return page;
    this.#hasRun = true;
    await this.meanwhile();
    return page;
  }
}

/** Runs `meanwhile` once, between an empty page of the newest log and the query for a newer log. */
class ReplacedBacklog extends FeedBacklog {
  #hasRun = false;

  constructor(
    dataSource: DataSource,
    log: typeof feedLog,
    private readonly meanwhile: () => Promise<void>,
  ) {
    super(dataSource, log);
  }

  override async epochAfter(position: LogPosition): Promise<number | null> {
    if (position.epoch === epoch && !this.#hasRun) {
      this.#hasRun = true;
      await this.meanwhile();
    }
    return await super.epochAfter(position);
  }
}

function startProcess(maxQueued?: number, backlog = new FeedBacklog(database.dataSource, feedLog)): LivePublisher {
  const redis = createRedis(RedisConfig.fromUrl(proxy.urlFor(testInfra().redisUrl)), 'test-publisher', silentLog);
  const checkpoints = new PublishCheckpoints(database.dataSource);
  const publisher = new LivePublisher(redis, new CatchUp(redis, backlog, checkpoints), checkpoints, silentLog, maxQueued);
  processes.push({ publisher, redis });
  publisher.start();
  publisher.assign(PARTITIONS);
  return publisher;
}

/** Conversations of Ann, some of each partition. */
function conversationsOfAnn(count = 4): Conversation[] {
  return Array.from({ length: count }, () => {
    const conversation = new Conversation(
      (...args) => {
        const event = log.write(...args);
        sent.push(event.eventId);
        return event;
      },
      [ann, newId()],
    );
    conversation.create();
    return conversation;
  });
}

const commit = () => recordBatch(database.dataSource, feedLog, log.batch());
const commitTo = async (publisher: LivePublisher) => publisher.accept(await commit());

/** Whatever faults happened: a gateway has every event once, and in order within each partition. */
async function everyEventOnce(): Promise<FeedEvent[]> {
  return await eventually(() => {
    const events = subscriber.newerOnly(ann);
    // The cheap comparison first: printing the difference of two long lists takes long.
    if (events.length < sent.length) throw new Error(`${events.length} of ${sent.length} events`);
    expect(events.map(({ eventId }) => eventId).toSorted()).toEqual(sent.toSorted());
    return events;
  });
}

const caughtUp = (publisher: LivePublisher) => eventually(() => publisher.partitionsLagging === 0 && publisher.queued === 0);

describe('live delivery', () => {
  it('the text of an event is that of the contract', () => {
    const record = new Conversation((...args) => log.write(...args)).send(newId(), 'quotes " and 😀 \n') as ReceivedEvent;
    const { eventId, partition, offset, type, payload } = record;
    const event = { epoch, partition, offset, type, eventId, conversationId: record.key, payload } as FeedEvent;
    expect(liveTextOf(toStoredEvent(record as FeedRecord))).toBe(encodeLiveFeedEvent(event));
  });

  it('a committed event reaches every user that may see it, once and in order', async () => {
    const publisher = startProcess();
    await caughtUp(publisher);
    const conversations = conversationsOfAnn();
    const bob = conversations[0]!.members[1]!;
    await subscriber.add(bob);
    for (let i = 0; i < 20; i++) {
      for (const conversation of conversations) conversation.send(conversation.members[i % 2]!);
      await commitTo(publisher);
    }
    expect(await everyEventOnce()).toHaveLength(sent.length);
    expect(subscriber.events.get(ann)).toHaveLength(sent.length);
    await eventually(() => expect(subscriber.events.get(bob)).toHaveLength(21));
    expect(subscriber.events.get(bob)!.flatMap(({ payload }) => ('seq' in payload ? [payload.seq] : []))).toEqual(
      Array.from({ length: 20 }, (_, i) => i + 1),
    );
    expect(subscriber.notifications.get(bob)!.at(-1)).toMatchObject({
      userId: bob,
      type: 'MESSAGE',
      data: { conversationId: conversations[0]!.id },
    });
  });

  it('an event that was committed but not published before a crash is published by the next start, before any newer event', async () => {
    const conversations = conversationsOfAnn();
    for (const conversation of conversations) conversation.send(conversation.members[1]!);
    await commit();
    const publisher = startProcess();
    for (const conversation of conversations) conversation.send(conversation.members[1]!);
    await commitTo(publisher);
    expect(await everyEventOnce()).toHaveLength(sent.length);
    expect(new Set(subscriber.notifications.get(ann)!.map(({ data }) => data!['conversationId'])).size).toBe(conversations.length);
  });

  it('after a stop the next start publishes nothing twice', async () => {
    const first = startProcess();
    await caughtUp(first);
    conversationsOfAnn();
    await commitTo(first);
    await first.stop();
    expect(await everyEventOnce()).toHaveLength(sent.length);
    const second = startProcess();
    await caughtUp(second);
    const [conversation] = conversationsOfAnn(1);
    conversation!.send(ann);
    await commitTo(second);
    expect(await everyEventOnce()).toHaveLength(sent.length);
    expect(subscriber.events.get(ann)).toHaveLength(sent.length);
  });

  it('the checkpoint is stored while the publisher runs, so that a crash repeats few events', async () => {
    const publisher = startProcess();
    conversationsOfAnn();
    await commitTo(publisher);
    await eventually(async () => {
      const checkpoints = await database.dataSource.query(
        'select partition, "offset" from publish_checkpoints where epoch = $1 order by 1',
        [epoch],
      );
      const ends = await database.dataSource.query(
        'select partition, max("offset") as "offset" from feed_events where epoch = $1 group by 1 order by 1',
        [epoch],
      );
      expect(checkpoints).toEqual(ends);
    });
  });

  it('every event arrives, in order, after Redis was unavailable', async () => {
    const publisher = startProcess();
    const conversations = conversationsOfAnn();
    await commitTo(publisher);
    expect(await everyEventOnce()).toHaveLength(sent.length);
    const sendAll = async () => {
      for (const conversation of conversations) conversation.send(conversation.members[1]!);
      await commitTo(publisher);
    };
    proxy.refuse();
    for (let i = 0; i < 10; i++) await sendAll();
    await eventually(() => publisher.partitionsLagging === PARTITIONS.length);
    proxy.resume();
    for (let i = 0; i < 10; i++) await sendAll();
    expect(await everyEventOnce()).toHaveLength(sent.length);
    await caughtUp(publisher);
    await sendAll();
    expect(await everyEventOnce()).toHaveLength(sent.length);
  });

  it('broken connections under load lose no event', async () => {
    const publisher = startProcess();
    const conversations = conversationsOfAnn();
    for (let i = 0; i < 60; i++) {
      for (const conversation of conversations) conversation.send(conversation.members[1]!);
      await commitTo(publisher);
      if (i % 10 === 5) proxy.cut();
    }
    expect(await everyEventOnce()).toHaveLength(sent.length);
  });

  it('every event arrives after Redis did not answer until commands timed out', async () => {
    const publisher = startProcess();
    const conversations = conversationsOfAnn();
    await commitTo(publisher);
    await caughtUp(publisher);
    proxy.stall();
    for (let i = 0; i < 3; i++) {
      for (const conversation of conversations) conversation.send(conversation.members[1]!);
      await commitTo(publisher);
    }
    await eventually(() => publisher.partitionsLagging === PARTITIONS.length);
    proxy.resume();
    expect(await everyEventOnce()).toHaveLength(sent.length);
  });

  it('events beyond the memory limit are deferred to the feed', async () => {
    const publisher = startProcess(20);
    const conversations = conversationsOfAnn();
    await commitTo(publisher);
    expect(await everyEventOnce()).toHaveLength(sent.length);
    await caughtUp(publisher);
    proxy.stall();
    for (let i = 0; i < 20; i++) {
      for (const conversation of conversations) conversation.send(conversation.members[1]!);
      await commitTo(publisher);
    }
    expect(publisher.queued).toBeLessThan(40);
    expect(publisher.partitionsLagging).toBe(PARTITIONS.length);
    proxy.resume();
    expect(await everyEventOnce()).toHaveLength(sent.length);
  });

  it('a partition that returns from another process continues after the events that the other one published', async () => {
    const mine = startProcess();
    const conversations = conversationsOfAnn();
    await commitTo(mine);
    const theirs = startProcess();
    for (const conversation of conversations) conversation.send(conversation.members[1]!);
    await commitTo(theirs);
    for (const conversation of conversations) conversation.send(conversation.members[1]!);
    await commit();
    mine.assign(PARTITIONS);
    for (const conversation of conversations) conversation.send(conversation.members[1]!);
    await commitTo(mine);
    expect(await everyEventOnce()).toHaveLength(sent.length);
  });

  it('the unpublished events of an earlier log are published before those of the new one', async () => {
    const conversations = conversationsOfAnn();
    await commit();
    log = await FakeLog.begin(database.dataSource, { epoch: ++epoch });
    const publisher = startProcess();
    for (const conversation of conversations) conversation.send(conversation.members[1]!);
    await commitTo(publisher);
    const events = await everyEventOnce();
    expect(events.at(-1)!.epoch).toBe(epoch);
  });

  it('an event that is committed while catching up reads its last page is published', async () => {
    const publisher = startProcess(undefined, new StaleBacklog(database.dataSource, feedLog, () => commitTo(publisher)));
    // Enough conversations to have some in every partition.
    for (const conversation of conversationsOfAnn(16)) conversation.send(ann);
    expect(await everyEventOnce()).toHaveLength(sent.length);
  });

  it('an event that is committed just before the log is replaced is published', async () => {
    const backlog = new ReplacedBacklog(database.dataSource, feedLog, async () => {
      await commitTo(publisher);
      log = await FakeLog.begin(database.dataSource, { epoch: ++epoch });
    });
    const publisher = startProcess(undefined, backlog);
    for (const conversation of conversationsOfAnn(16)) conversation.send(ann);
    expect(await everyEventOnce()).toHaveLength(sent.length);
  });

  it('catching up works with many events', async () => {
    const conversations = conversationsOfAnn(8);
    for (let batch = 0; batch < 20; batch++) {
      for (let i = 0; i < 500; i++) conversations[i % 8]!.send(conversations[i % 8]!.members[1]!);
      await commit();
    }
    startProcess();
    expect(await everyEventOnce()).toHaveLength(sent.length);
  });
});
