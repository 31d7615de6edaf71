import type { LogPosition } from '@chat/shared/contracts';
import { expect, it } from 'vitest';
import type { DataSource } from 'typeorm';
import { FeedBacklog } from '../src/feed/backlog.js';
import type { RecordedBatch } from '../src/feed/feed-event.js';
import { feedLog } from './kit/fake-log.js';
import { PARTITIONS, useLiveDelivery } from './kit/use-live-delivery.js';

const live = useLiveDelivery();

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
    if (page.events.length > 0 || position.epoch < live.epoch || this.#hasRun) return page;
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
    if (position.epoch === live.epoch && !this.#hasRun) {
      this.#hasRun = true;
      await this.meanwhile();
    }
    return await super.epochAfter(position);
  }
}

it('a partition that returns from another process continues after the events that the other one published', async () => {
  const mine = live.startProcess();
  const conversations = live.conversationsOfAnn();
  await live.commitTo(mine);
  const theirs = live.startProcess();
  for (const conversation of conversations) conversation.send(conversation.members[1]!);
  await live.commitTo(theirs);
  for (const conversation of conversations) conversation.send(conversation.members[1]!);
  await live.record();
  mine.assign(PARTITIONS);
  for (const conversation of conversations) conversation.send(conversation.members[1]!);
  await live.commitTo(mine);
  expect(await live.everyEventOnce()).toHaveLength(live.sent.length);
});

it('the unpublished events of an earlier log are published before those of the new one', async () => {
  const conversations = live.conversationsOfAnn();
  await live.record();
  await live.beginLog();
  const publisher = live.startProcess();
  for (const conversation of conversations) conversation.send(conversation.members[1]!);
  await live.commitTo(publisher);
  const events = await live.everyEventOnce();
  expect(events.at(-1)!.epoch).toBe(live.epoch);
});

it('an event that is committed while catching up reads its last page is published', async () => {
  const publisher = live.startProcess(undefined, new StaleBacklog(live.dataSource, feedLog, () => live.commitTo(publisher)));
  // Enough conversations to have some in every partition.
  for (const conversation of live.conversationsOfAnn(16)) conversation.send(live.ann);
  expect(await live.everyEventOnce()).toHaveLength(live.sent.length);
});

it('an event that is committed just before the log is replaced is published', async () => {
  const backlog = new ReplacedBacklog(live.dataSource, feedLog, async () => {
    await live.commitTo(publisher);
    await live.beginLog();
  });
  const publisher = live.startProcess(undefined, backlog);
  for (const conversation of live.conversationsOfAnn(16)) conversation.send(live.ann);
  expect(await live.everyEventOnce()).toHaveLength(live.sent.length);
});

it('catching up works with many events', async () => {
  const conversations = live.conversationsOfAnn(8);
  for (let batch = 0; batch < 20; batch++) {
    for (let i = 0; i < 500; i++) conversations[i % 8]!.send(conversations[i % 8]!.members[1]!);
    await live.record();
  }
  live.startProcess();
  expect(await live.everyEventOnce()).toHaveLength(live.sent.length);
});
