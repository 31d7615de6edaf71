import type { ChatConversation, FeedEvent } from '@chat/shared/contracts';
import { eventually } from '@chat/shared/testing';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished } from 'vitest';
import { decodeCursor } from '../src/streams/cursor.js';
import { GatewayKit, numbers, type UserWithToken } from './kit/gateway-kit.js';
import type { Subscription } from './kit/subscription.js';

const FAR = 20_000;

let kit: GatewayKit;
let ada: UserWithToken;
let talk: ChatConversation;
let say: (content: string) => FeedEvent;
beforeAll(async () => {
  kit = await GatewayKit.start();
});
afterAll(() => kit.stop());
beforeEach(async () => {
  ({ ada, talk, say } = await kit.createConversation());
});

/** Events that are published, and are not in the feed. */
function forgeries(): FeedEvent[] {
  const honest = say('0');
  const forged = (position: Partial<FeedEvent>) => {
    const payload = { ...honest.payload, messageId: randomUUID(), content: 'forged' };
    return { ...honest, payload, eventId: randomUUID(), ...position } as FeedEvent;
  };
  const { epoch, offset } = honest;
  return [
    forged({ offset: offset + FAR }),
    forged({ offset: Number.MAX_SAFE_INTEGER }),
    forged({ epoch: epoch + 1 }),
    forged({ partition: 1_000_000, offset: 0 }),
    forged({ partition: -1, offset: 0 }),
    forged({ partition: 0.5, offset: 0 }),
  ];
}

/** An open subscription to new messages; `conversationId` null: of all conversations. */
async function messageReceived(conversationId: string | null): Promise<Subscription> {
  const query = 'subscription ($id: ID) { messageReceived(conversationId: $id) { content } }';
  const subscription = kit.subscribe(ada.token, query, { id: conversationId });
  await eventually(async () => {
    await kit.services.feed.publish(say('warm up'));
    return subscription.items.length > 0;
  });
  return subscription;
}

const contentsOf = ({ items }: Subscription) => items.map(({ content }) => content).filter((content) => content !== 'warm up');

it('a live event far above the end of the feed is not delivered, and no cursor names its position', async () => {
  const forged = forgeries();
  const stream = await kit.events(ada.token);
  for (const event of forged) await kit.services.feed.publish(event, say('honest'));
  await stream.count(7);
  expect(stream.contents).toEqual(Array(6).fill('honest'));
  const end = kit.services.feed.endPosition();
  expect(stream.items.slice(1).map(({ cursor }) => decodeCursor(cursor).offsets.length)).toEqual(Array(6).fill(end.offsets.length));
  expect(decodeCursor(stream.cursor)).toEqual(end);
});

it('messageReceived does not deliver a live event far above the end of the feed, and delivers those after it', async () => {
  const forged = forgeries();
  const [all, one] = [await messageReceived(null), await messageReceived(talk.id)];
  for (const event of forged) await kit.services.feed.publish(event, say('honest'));
  for (const subscription of [all, one]) {
    await eventually(() => expect(contentsOf(subscription)).toHaveLength(6));
    expect(contentsOf(subscription)).toEqual(Array(6).fill('honest'));
  }
});

it('live events that follow a large number of events of others are delivered, once and in order', async () => {
  const stream = await kit.events(ada.token);
  const [all, one] = [await messageReceived(null), await messageReceived(talk.id)];
  kit.services.feed.skip(talk, 5 * FAR);
  await kit.services.feed.publish(say('1'), say('2'));
  kit.services.feed.skip(talk, 5 * FAR);
  const events = [say('3'), say('4')];
  await kit.services.feed.publish(...events, ...events);
  await kit.services.feed.publish(say('5'));
  const contentsOfStream = () => stream.contents.filter((content) => content !== 'warm up');
  await eventually(() => expect(contentsOfStream().length).toBeGreaterThanOrEqual(5));
  expect(contentsOfStream()).toEqual(numbers(1, 5));
  for (const subscription of [all, one]) {
    await eventually(() => expect(contentsOf(subscription).length).toBeGreaterThanOrEqual(5));
    expect(contentsOf(subscription)).toEqual(numbers(1, 5));
  }
  expect(decodeCursor(stream.cursor)).toEqual(kit.services.feed.endPosition());
});

it('an event far above the known end of the feed waits until the feed is available', async () => {
  const stream = await kit.events(ada.token);
  const received = await messageReceived(null);
  const reads = () => kit.services.callsOf('POST', '/feed/end-position').length;
  kit.services.unavailable.add('feed');
  onTestFinished(() => void kit.services.unavailable.delete('feed'));
  kit.services.feed.skip(talk, FAR);
  await kit.services.feed.publish(say('1'), say('2'));
  // Meanwhile the gateway serves other clients.
  for (let n = 0; n < 20; n += 1) await kit.ask('{ hello }');
  expect(contentsOf(received)).toEqual([]);
  const before = reads();
  kit.services.unavailable.delete('feed');
  await eventually(() => expect(contentsOf(received)).toEqual(numbers(1, 2)));
  await eventually(() => expect(stream.contents.filter((content) => content !== 'warm up')).toEqual(numbers(1, 2)));
  // Both streams share a read of the end.
  expect(reads() - before).toBeLessThanOrEqual(2);
});

it('forged live events do not make streams read the feed', async () => {
  const [forged] = forgeries() as [FeedEvent];
  const stream = await kit.events(ada.token);
  const replays = kit.services.callsOf('POST', '/feed/replay').length;
  // As many as the queue of a stream holds while the end of the feed is read; above that, a stream continues from the feed.
  for (let n = 1; n <= 100; n += 1) await kit.services.feed.publish({ ...forged, offset: forged.offset + n });
  await kit.services.feed.publish(say('honest'));
  await stream.count(2);
  expect(stream.contents).toEqual(['honest']);
  expect(kit.services.callsOf('POST', '/feed/replay')).toHaveLength(replays);
});
