import { newId } from '@chat/shared/database';
import { eventually } from '@chat/shared/testing';
import { expect, it } from 'vitest';
import { signInFromNewDevice } from './kit/events.js';
import { caughtUp, PARTITIONS, useLiveDelivery } from './kit/use-live-delivery.js';

const live = useLiveDelivery();

it('every event arrives, in order, after Redis was unavailable', async () => {
  const publisher = live.startProcess();
  const conversations = live.conversationsOfAnn();
  await live.commitTo(publisher);
  expect(await live.everyEventOnce()).toHaveLength(live.sent.length);
  const sendAll = async () => {
    for (const conversation of conversations) conversation.send(conversation.members[1]!);
    await live.commitTo(publisher);
  };
  live.proxy.refuse();
  for (let i = 0; i < 10; i++) await sendAll();
  await eventually(() => publisher.partitionsLagging === PARTITIONS.length);
  live.proxy.resume();
  for (let i = 0; i < 10; i++) await sendAll();
  expect(await live.everyEventOnce()).toHaveLength(live.sent.length);
  await caughtUp(publisher);
  await sendAll();
  expect(await live.everyEventOnce()).toHaveLength(live.sent.length);
});

it('broken connections under load lose no event', async () => {
  const publisher = live.startProcess();
  const conversations = live.conversationsOfAnn();
  for (let i = 0; i < 60; i++) {
    for (const conversation of conversations) conversation.send(conversation.members[1]!);
    await live.commitTo(publisher);
    if (i % 10 === 5) live.proxy.cut();
  }
  expect(await live.everyEventOnce()).toHaveLength(live.sent.length);
});

it('every event arrives after Redis did not answer until commands timed out', async () => {
  const publisher = live.startProcess();
  const conversations = live.conversationsOfAnn();
  await live.commitTo(publisher);
  await caughtUp(publisher);
  live.proxy.stall();
  for (let i = 0; i < 3; i++) {
    for (const conversation of conversations) conversation.send(conversation.members[1]!);
    await live.commitTo(publisher);
  }
  await eventually(() => publisher.partitionsLagging === PARTITIONS.length);
  live.proxy.resume();
  expect(await live.everyEventOnce()).toHaveLength(live.sent.length);
});

it('events beyond the memory limit are deferred to the feed', async () => {
  const publisher = live.startProcess(20);
  const conversations = live.conversationsOfAnn();
  await live.commitTo(publisher);
  expect(await live.everyEventOnce()).toHaveLength(live.sent.length);
  await caughtUp(publisher);
  live.proxy.stall();
  for (let i = 0; i < 20; i++) {
    for (const conversation of conversations) conversation.send(conversation.members[1]!);
    await live.commitTo(publisher);
  }
  expect(publisher.queued).toBeLessThan(40);
  expect(publisher.partitionsLagging).toBe(PARTITIONS.length);
  live.proxy.resume();
  expect(await live.everyEventOnce()).toHaveLength(live.sent.length);
});

it.each(['refuse', 'stall', 'cut'] as const)(
  'a notification about no message arrives, too, after Redis was unavailable: %s',
  async (fault) => {
    const publisher = live.startProcess();
    const conversations = live.conversationsOfAnn();
    await live.commitTo(publisher);
    await caughtUp(publisher);
    live.proxy[fault]();
    const sessionIds = Array.from({ length: 3 }, () => newId());
    for (const sessionId of sessionIds) {
      signInFromNewDevice(live.write, live.ann, { sessionId });
      for (const conversation of conversations) conversation.send(conversation.members[1]!);
      await live.commitTo(publisher);
    }
    if (fault !== 'cut') await eventually(() => publisher.partitionsLagging === PARTITIONS.length);
    live.proxy.resume();
    await live.everyEventOnce();
    await eventually(() => {
      const received = live.subscriber.notifications.get(live.ann)!.filter(({ type }) => type === 'SYSTEM');
      expect(new Set(received.map(({ data }) => data!['sessionId']))).toEqual(new Set(sessionIds));
    });
  },
);
