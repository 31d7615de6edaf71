import type { FeedPage } from '@chat/shared/contracts';
import { DeadLetters } from '@chat/shared/consumer';
import { newId } from '@chat/shared/database';
import { silentLog } from '@chat/shared/observability';
import { eventually } from '@chat/shared/testing';
import { describe, expect, it } from 'vitest';
import { CONSUMER_GROUP } from '../src/config.js';
import { ChannelSubscriber } from './kit/channel-subscriber.js';
import { Conversation, register, signInFromNewDevice } from './kit/events.js';
import { useService } from './kit/running-service.js';

const test = useService();
const { write, publish, notificationsOf, endPositionOf, isReady, replayAll } = test;

describe('the service', () => {
  it('a message goes from Kafka to the feed, to the live channels and to the notifications', async () => {
    await isReady();
    const conversation = new Conversation(write);
    const [ann, bob] = conversation.members as [string, string];
    const before = await endPositionOf(bob);
    const subscriber = await ChannelSubscriber.of(ann, bob);
    register(write, ann, { username: 'ann' });
    conversation.create();
    conversation.send(ann, 'hello');
    await publish();
    await eventually(() => expect(subscriber.newerOnly(bob).map(({ type }) => type)).toEqual(['ConversationCreated', 'MessageCreated']));
    await eventually(() => expect(subscriber.newerOnly(ann)).toHaveLength(2));
    expect(await replayAll(bob, before)).toEqual(subscriber.newerOnly(bob));
    await eventually(async () =>
      expect(await notificationsOf(bob)).toMatchObject({
        total: 1,
        unreadCount: 1,
        data: [{ title: 'ann', message: 'hello', read: false }],
      }),
    );
    await eventually(() => expect(subscriber.notifications.get(bob)).toMatchObject([{ message: 'hello' }]));
    expect(subscriber.notifications.get(ann)).toEqual([]);
    subscriber.close();
  });

  it('a sign-in from a new device goes from Kafka to the live channel and the notifications of its owner', async () => {
    await isReady();
    const [ada, sessionId] = [newId(), newId()];
    const subscriber = await ChannelSubscriber.of(ada);
    signInFromNewDevice(write, ada, { sessionId });
    await publish();
    await eventually(() => expect(subscriber.notifications.get(ada)).toMatchObject([{ type: 'SYSTEM', data: { sessionId }, read: false }]));
    expect((await notificationsOf(ada)).data).toEqual(subscriber.notifications.get(ada));
    subscriber.close();
  });

  it('an event that is published twice arrives once', async () => {
    const conversation = new Conversation(write);
    const [ann, bob] = conversation.members as [string, string];
    const subscriber = await ChannelSubscriber.of(bob);
    const before = await endPositionOf(bob);
    const eventId = newId();
    conversation.create();
    conversation.send(ann, 'once', eventId);
    await publish();
    await eventually(() => expect(subscriber.events.get(bob)).toHaveLength(2));
    conversation.lastSeq = 0;
    conversation.send(ann, 'once', eventId);
    conversation.send(ann, 'last');
    await publish();
    await eventually(() => expect(subscriber.events.get(bob)!.at(-1)).toMatchObject({ payload: { content: 'last' } }));
    expect(subscriber.events.get(bob)).toHaveLength(3);
    expect(await replayAll(bob, before)).toHaveLength(3);
    expect(await notificationsOf(bob)).toMatchObject({ data: [{ data: { count: 2 } }] });
    subscriber.close();
  });

  it('events that were published while the service was stopped arrive after its start, once and in order', async () => {
    const conversation = new Conversation(write);
    const [ann, bob] = conversation.members as [string, string];
    const subscriber = await ChannelSubscriber.of(bob);
    const before = await endPositionOf(bob);
    conversation.create();
    for (let i = 0; i < 50; i++) conversation.send(ann);
    await publish();
    await eventually(() => subscriber.events.get(bob)!.length > 0);
    await test.service.stop();
    for (let i = 0; i < 50; i++) conversation.send(ann);
    await publish();
    await test.startService();
    const seqs = (events: FeedPage['events']) => events.flatMap(({ payload }) => ('seq' in payload ? [payload.seq] : []));
    const all = Array.from({ length: 100 }, (_, i) => i + 1);
    await eventually(() => expect(seqs(subscriber.newerOnly(bob))).toEqual(all));
    expect(seqs(await replayAll(bob, before))).toEqual(all);
    expect(await notificationsOf(bob)).toMatchObject({ data: [{ data: { count: 100 } }] });
    subscriber.close();
  });

  it('a record that cannot be stored goes to the dead-letter topic, and the following ones are processed', async () => {
    const conversation = new Conversation(write);
    const [ann, bob] = conversation.members as [string, string];
    const subscriber = await ChannelSubscriber.of(bob);
    conversation.create();
    write('ReceiptsAdvanced', conversation.id, {
      conversationId: 'not a conversation',
      userId: bob,
      lastReadSeq: 1,
      lastDeliveredSeq: 1,
      advancedAt: new Date().toISOString(),
    });
    conversation.send(ann, 'after it');
    await publish();
    await eventually(() => expect(subscriber.newerOnly(bob).map(({ type }) => type)).toEqual(['ConversationCreated', 'MessageCreated']));
    const deadLetters = new DeadLetters(test.kafka.config, CONSUMER_GROUP, silentLog);
    expect((await deadLetters.list()).map(({ key }) => key?.toString())).toEqual([conversation.id]);
    await deadLetters.close();
    subscriber.close();
  });

  it('of 10,000 events none is missing, and none arrives twice', async () => {
    const users = Array.from({ length: 20 }, () => newId());
    const conversations = Array.from({ length: 50 }, (_, i) => new Conversation(write, [users[i % 20]!, users[(i * 7 + 1) % 20]!]));
    const before = await endPositionOf(users[0]!);
    const subscriber = await ChannelSubscriber.of(...users);
    for (const conversation of conversations) conversation.create();
    for (let i = 0; i < 9950; i++) {
      conversations[i % 50]!.send(conversations[i % 50]!.members[i % 2]!);
      if (test.pending.length === 1000) await publish();
    }
    await publish();
    for (const user of users) {
      const mine = conversations.filter(({ members }) => members.includes(user));
      const expected = mine.reduce((sum, { lastSeq }) => sum + lastSeq + 1, 0);
      await eventually(() => subscriber.newerOnly(user).length >= expected, { timeoutMs: 40_000, intervalMs: 200 });
      const events = subscriber.newerOnly(user);
      expect(events).toHaveLength(expected);
      for (const { id, lastSeq } of mine) {
        const seqs = events.flatMap(({ conversationId, payload }) => (conversationId === id && 'seq' in payload ? [payload.seq] : []));
        expect(seqs).toEqual(Array.from({ length: lastSeq }, (_, i) => i + 1));
      }
    }
    expect(await replayAll(users[0]!, before)).toHaveLength(subscriber.newerOnly(users[0]!).length);
    subscriber.close();
  });
});
