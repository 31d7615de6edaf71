import { silentLog } from '@chat/shared/observability';
import { encodeLiveFeedEvent, type FeedEvent } from '@chat/shared/contracts';
import { newId } from '@chat/shared/database';
import type { ReceivedEvent } from '@chat/shared/consumer';
import { createRedis } from '@chat/shared/realtime';
import { eventually } from '@chat/shared/testing';
import type { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DataSource } from 'typeorm';
import { recordBatch } from '../src/feed/record-batch.js';
import { liveTextOf, toStoredEvent, type FeedRecord, type LogPosition, type RecordedBatch } from '../src/feed/feed-event.js';
import { LivePublisher } from '../src/feed/live-publisher.js';
import { FeedBacklog } from '../src/feed/backlog.js';
import { CatchUp } from '../src/feed/catch-up.js';
import { PublishCheckpoints } from '../src/feed/checkpoints.js';
import { Conversation } from './kit/events.js';
import { FakeLog, feedLog } from './kit/fake-log.js';
import { createFeedDatabase, type FeedDatabase } from './kit/feed-database.js';
import { ChannelSubscriber } from './kit/channel-subscriber.js';
import { RedisProxy } from './kit/redis-proxy.js';

const PARTITIONS = [0, 1];

let database: FeedDatabase;
let proxy: RedisProxy;
let log: FakeLog;
let epoch = 0;
let ann: string;
let listener: ChannelSubscriber;
let sent: string[];
let processes: { publisher: LivePublisher; redis: Redis }[];

beforeAll(async () => {
  database = await createFeedDatabase();
  proxy = await RedisProxy.start();
});
afterAll(async () => {
  await database?.close();
  await proxy?.close();
});
beforeEach(async () => {
  log = await FakeLog.begin(database.dataSource, { epoch: ++epoch });
  ann = newId();
  listener = await ChannelSubscriber.of(ann);
  sent = [];
  processes = [];
});
afterEach(async () => {
  proxy.restore();
  for (const { publisher, redis } of processes) {
    await publisher.stop();
    redis.disconnect();
  }
  listener.close();
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
  const redis = createRedis(proxy.config, 'test-publisher', silentLog);
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

/** Whatever happened in between: a gateway has everything once, and in order within each partition. */
async function everythingOnce(): Promise<FeedEvent[]> {
  return await eventually(() => {
    const events = listener.newerOnly(ann);
    // First what is cheap: a difference between long lists takes long to show.
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

  it('what is committed reaches everybody who may see it, once and in order', async () => {
    const publisher = startProcess();
    await caughtUp(publisher);
    const conversations = conversationsOfAnn();
    const bob = conversations[0]!.members[1]!;
    await listener.add(bob);
    for (let i = 0; i < 20; i++) {
      for (const conversation of conversations) conversation.send(conversation.members[i % 2]!);
      await commitTo(publisher);
    }
    expect(await everythingOnce()).toHaveLength(sent.length);
    expect(listener.events.get(ann)).toHaveLength(sent.length);
    await eventually(() => expect(listener.events.get(bob)).toHaveLength(21));
    expect(listener.events.get(bob)!.flatMap(({ payload }) => ('seq' in payload ? [payload.seq] : []))).toEqual(
      Array.from({ length: 20 }, (_, i) => i + 1),
    );
    expect(listener.notifications.get(bob)!.at(-1)).toMatchObject({
      userId: bob,
      type: 'MESSAGE',
      data: { conversationId: conversations[0]!.id },
    });
  });

  it('what was committed but not published before a crash is published by the next start, before anything newer', async () => {
    const conversations = conversationsOfAnn();
    for (const conversation of conversations) conversation.send(conversation.members[1]!);
    await commit();
    const publisher = startProcess();
    for (const conversation of conversations) conversation.send(conversation.members[1]!);
    await commitTo(publisher);
    expect(await everythingOnce()).toHaveLength(sent.length);
    expect(new Set(listener.notifications.get(ann)!.map(({ data }) => data!['conversationId'])).size).toBe(conversations.length);
  });

  it('after a stop the next start publishes nothing twice', async () => {
    const first = startProcess();
    await caughtUp(first);
    conversationsOfAnn();
    await commitTo(first);
    await first.stop();
    expect(await everythingOnce()).toHaveLength(sent.length);
    const second = startProcess();
    await caughtUp(second);
    const [conversation] = conversationsOfAnn(1);
    conversation!.send(ann);
    await commitTo(second);
    expect(await everythingOnce()).toHaveLength(sent.length);
    expect(listener.events.get(ann)).toHaveLength(sent.length);
  });

  it('the mark is stored while it runs, so that a crash repeats little', async () => {
    const publisher = startProcess();
    conversationsOfAnn();
    await commitTo(publisher);
    await eventually(async () => {
      const marks = await database.dataSource.query('select partition, "offset" from publish_checkpoints where epoch = $1 order by 1', [
        epoch,
      ]);
      const ends = await database.dataSource.query(
        'select partition, max("offset") as "offset" from feed_events where epoch = $1 group by 1 order by 1',
        [epoch],
      );
      expect(marks).toEqual(ends);
    });
  });

  it('with Redis gone and back, everything arrives, in order', async () => {
    const publisher = startProcess();
    const conversations = conversationsOfAnn();
    await commitTo(publisher);
    expect(await everythingOnce()).toHaveLength(sent.length);
    const sendAll = async () => {
      for (const conversation of conversations) conversation.send(conversation.members[1]!);
      await commitTo(publisher);
    };
    proxy.cut();
    for (let i = 0; i < 10; i++) await sendAll();
    await eventually(() => publisher.partitionsLagging === PARTITIONS.length);
    proxy.restore();
    for (let i = 0; i < 10; i++) await sendAll();
    expect(await everythingOnce()).toHaveLength(sent.length);
    await caughtUp(publisher);
    await sendAll();
    expect(await everythingOnce()).toHaveLength(sent.length);
  });

  it('connections that break under load lose nothing', async () => {
    const publisher = startProcess();
    const conversations = conversationsOfAnn();
    for (let i = 0; i < 60; i++) {
      for (const conversation of conversations) conversation.send(conversation.members[1]!);
      await commitTo(publisher);
      if (i % 10 === 5) proxy.breakConnections();
    }
    expect(await everythingOnce()).toHaveLength(sent.length);
  });

  it('with Redis stuck until commands time out, everything arrives', async () => {
    const publisher = startProcess();
    const conversations = conversationsOfAnn();
    await commitTo(publisher);
    await caughtUp(publisher);
    proxy.hold();
    for (let i = 0; i < 3; i++) {
      for (const conversation of conversations) conversation.send(conversation.members[1]!);
      await commitTo(publisher);
    }
    await eventually(() => publisher.partitionsLagging === PARTITIONS.length);
    proxy.restore();
    expect(await everythingOnce()).toHaveLength(sent.length);
  });

  it('more than fits in memory is left to the feed', async () => {
    const publisher = startProcess(20);
    const conversations = conversationsOfAnn();
    await commitTo(publisher);
    expect(await everythingOnce()).toHaveLength(sent.length);
    await caughtUp(publisher);
    proxy.hold();
    for (let i = 0; i < 20; i++) {
      for (const conversation of conversations) conversation.send(conversation.members[1]!);
      await commitTo(publisher);
    }
    expect(publisher.queued).toBeLessThan(40);
    expect(publisher.partitionsLagging).toBe(PARTITIONS.length);
    proxy.restore();
    expect(await everythingOnce()).toHaveLength(sent.length);
  });

  it('a partition that comes back after another process had it goes on after what that one published', async () => {
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
    expect(await everythingOnce()).toHaveLength(sent.length);
  });

  it('what was left of an earlier log goes out before the new one', async () => {
    const conversations = conversationsOfAnn();
    await commit();
    log = await FakeLog.begin(database.dataSource, { epoch: ++epoch });
    const publisher = startProcess();
    for (const conversation of conversations) conversation.send(conversation.members[1]!);
    await commitTo(publisher);
    const events = await everythingOnce();
    expect(events.at(-1)!.epoch).toBe(epoch);
  });

  it('what is committed while catching up reads its last page is not overlooked', async () => {
    const publisher = startProcess(undefined, new StaleBacklog(database.dataSource, feedLog, () => commitTo(publisher)));
    // Enough to have some in every partition.
    for (const conversation of conversationsOfAnn(16)) conversation.send(ann);
    expect(await everythingOnce()).toHaveLength(sent.length);
  });

  it('what is committed just before the log is replaced is not overlooked', async () => {
    const backlog = new ReplacedBacklog(database.dataSource, feedLog, async () => {
      await commitTo(publisher);
      log = await FakeLog.begin(database.dataSource, { epoch: ++epoch });
    });
    const publisher = startProcess(undefined, backlog);
    for (const conversation of conversationsOfAnn(16)) conversation.send(ann);
    expect(await everythingOnce()).toHaveLength(sent.length);
  });

  it('catches up with a lot', async () => {
    const conversations = conversationsOfAnn(8);
    for (let batch = 0; batch < 20; batch++) {
      for (let i = 0; i < 500; i++) conversations[i % 8]!.send(conversations[i % 8]!.members[1]!);
      await commit();
    }
    startProcess();
    expect(await everythingOnce()).toHaveLength(sent.length);
  });
});
