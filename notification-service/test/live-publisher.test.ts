import { encodeLiveFeedEvent, liveTextOf, type FeedEvent } from '@chat/shared/contracts';
import type { ReceivedEvent } from '@chat/shared/consumer';
import { newId } from '@chat/shared/database';
import { eventually } from '@chat/shared/testing';
import { expect, it } from 'vitest';
import { toStoredEvent, type FeedRecord } from '../src/feed/feed-event.js';
import { Conversation } from './kit/events.js';
import { caughtUp, useLiveDelivery } from './kit/use-live-delivery.js';

const live = useLiveDelivery();

it('the text of an event is that of the contract', () => {
  const record = new Conversation((...args) => live.log.write(...args)).send(newId(), 'quotes " and 😀 \n') as ReceivedEvent;
  const { eventId, partition, offset, type, payload } = record;
  const event = { epoch: live.epoch, partition, offset, type, eventId, conversationId: record.key, payload } as FeedEvent;
  expect(liveTextOf(toStoredEvent(record as FeedRecord))).toBe(encodeLiveFeedEvent(event));
});

it('a committed event reaches every user that may see it, once and in order', async () => {
  const publisher = live.startProcess();
  await caughtUp(publisher);
  const conversations = live.conversationsOfAnn();
  const bob = conversations[0]!.members[1]!;
  await live.subscriber.add(bob);
  for (let i = 0; i < 20; i++) {
    for (const conversation of conversations) conversation.send(conversation.members[i % 2]!);
    await live.commitTo(publisher);
  }
  expect(await live.everyEventOnce()).toHaveLength(live.sent.length);
  expect(live.subscriber.events.get(live.ann)).toHaveLength(live.sent.length);
  await eventually(() => expect(live.subscriber.events.get(bob)).toHaveLength(21));
  expect(live.subscriber.events.get(bob)!.flatMap(({ payload }) => ('seq' in payload ? [payload.seq] : []))).toEqual(
    Array.from({ length: 20 }, (_, i) => i + 1),
  );
  expect(live.subscriber.notifications.get(bob)!.at(-1)).toMatchObject({
    userId: bob,
    type: 'MESSAGE',
    data: { conversationId: conversations[0]!.id },
  });
});

it('an event that was committed but not published before a crash is published by the next start, before any newer event', async () => {
  const conversations = live.conversationsOfAnn();
  for (const conversation of conversations) conversation.send(conversation.members[1]!);
  await live.record();
  const publisher = live.startProcess();
  for (const conversation of conversations) conversation.send(conversation.members[1]!);
  await live.commitTo(publisher);
  expect(await live.everyEventOnce()).toHaveLength(live.sent.length);
  expect(new Set(live.subscriber.notifications.get(live.ann)!.map(({ data }) => data!['conversationId'])).size).toBe(conversations.length);
});

it('after a stop the next start publishes nothing twice', async () => {
  const first = live.startProcess();
  await caughtUp(first);
  live.conversationsOfAnn();
  await live.commitTo(first);
  await first.stop();
  expect(await live.everyEventOnce()).toHaveLength(live.sent.length);
  const second = live.startProcess();
  await caughtUp(second);
  const [conversation] = live.conversationsOfAnn(1);
  conversation!.send(live.ann);
  await live.commitTo(second);
  expect(await live.everyEventOnce()).toHaveLength(live.sent.length);
  expect(live.subscriber.events.get(live.ann)).toHaveLength(live.sent.length);
});

it('the checkpoint is stored while the publisher runs, so that a crash repeats few events', async () => {
  const publisher = live.startProcess();
  live.conversationsOfAnn();
  await live.commitTo(publisher);
  await eventually(async () => {
    const checkpoints = await live.dataSource.query('select partition, "offset" from publish_checkpoints where epoch = $1 order by 1', [
      live.epoch,
    ]);
    const ends = await live.dataSource.query(
      'select partition, max("offset") as "offset" from feed_events where epoch = $1 group by 1 order by 1',
      [live.epoch],
    );
    expect(checkpoints).toEqual(ends);
  });
});
