import { channels } from '@chat/shared/realtime';
import { eventually } from '@chat/shared/testing';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { GatewayKit } from './kit/gateway-kit.js';
import { RawSocket } from './kit/raw-socket.js';

const EVENTS = 'subscription { events { __typename ... on MessageCreated { message { content } } } }';
const SLOW_QUERY = '{ getUnreadNotificationCount }';

let kit: GatewayKit;
let ada: Awaited<ReturnType<GatewayKit['createUser']>>;
let say: (content: string) => Promise<void>;
let raw: RawSocket;
beforeAll(async () => {
  kit = await GatewayKit.start();
});
afterAll(() => kit.stop());
beforeEach(async () => {
  ada = await kit.createUser();
  const ben = await kit.createUser();
  const conversation = kit.services.chat.addConversation([ada.userId, ben.userId]);
  say = (content) => kit.services.feed.publish(kit.services.feed.recordMessage(conversation, ben.userId, content));
  raw = await new RawSocket(kit.url.replace('http', 'ws')).signIn(ada.token);
  return () => raw.ws.terminate();
});

/** The events and the ends that were received under an id. */
const received = (id: string) =>
  raw.messagesOf(id).map(({ type, payload }) => payload?.data?.events?.message?.content ?? payload?.data?.events?.__typename ?? type);
const subscribers = async () => ((await kit.services.redis.pubsub('NUMSUB', channels.user(ada.userId))) as [string, number])[1];
const opened = (count: number) => eventually(() => expect(received('e').filter((what) => what === 'StreamOpened')).toHaveLength(count));

it('an id that the client completed carries the next subscription at once', async () => {
  raw.subscribe('e', EVENTS);
  await opened(1);
  for (let round = 1; round <= 10; round += 1) {
    raw.complete('e');
    raw.subscribe('e', EVENTS);
    await opened(round + 1);
    await say(`${round}`);
    await eventually(() => expect(received('e')).toContain(`${round}`));
  }
  expect(received('e')).toEqual(['StreamOpened', ...Array.from({ length: 10 }, (_, n) => ['StreamOpened', `${n + 1}`]).flat()]);
  raw.complete('e');
  await eventually(async () => expect(await subscribers()).toBe(0));
});

it('subscribe, complete and subscribe in one go leave one subscription, which ends with its own complete', async () => {
  for (let round = 0; round < 5; round += 1) {
    raw.messages.length = 0;
    raw.subscribe('e', EVENTS);
    raw.complete('e');
    raw.subscribe('e', EVENTS);
    await opened(1);
    await say('once');
    await eventually(() => expect(received('e')).toContain('once'));
    raw.complete('e');
    await eventually(async () => expect(await subscribers()).toBe(0));
    await say('after the end');
    raw.send({ type: 'ping' });
    await eventually(() => expect(raw.messages.some(({ type }) => type === 'pong')).toBe(true));
    expect(received('e')).toEqual(['StreamOpened', 'once']);
  }
});

it('the answer of a query that the client completed is not sent under its id', async () => {
  let answer: (() => void) | undefined;
  const asked = new Promise<void>((resolve) => {
    kit.services.handlers.set('GET /notifications/unread-count', () => {
      resolve();
      return new Promise((respond) => (answer = () => respond({ count: 7 })));
    });
  });
  raw.subscribe('e', SLOW_QUERY);
  await asked;
  raw.complete('e');
  raw.subscribe('e', EVENTS);
  await opened(1);
  answer?.();
  kit.services.handlers.delete('GET /notifications/unread-count');
  // A later answer of the same service: the one that was given up has arrived before.
  raw.subscribe('other', SLOW_QUERY);
  await eventually(() => expect(received('other')).toEqual(['next', 'complete']));
  await say('first');
  await eventually(() => expect(received('e')).toContain('first'));
  expect(received('e')).toEqual(['StreamOpened', 'first']);
});

it('an id that is in use closes the socket with 4409, also when it was used before', async () => {
  raw.subscribe('e', SLOW_QUERY);
  await eventually(() => expect(received('e')).toEqual(['next', 'complete']));
  raw.subscribe('e', EVENTS);
  await opened(1);
  raw.subscribe('e', EVENTS);
  expect(await raw.closed).toMatchObject({ code: 4409, reason: 'Subscriber for e already exists' });
});

it('operations that the client completed count until they have ended', async () => {
  const answers: (() => void)[] = [];
  kit.services.handlers.set(
    'GET /notifications/unread-count',
    () => new Promise((respond) => answers.push(() => respond({ count: answers.length }))),
  );
  for (let n = 0; n < 300; n += 1) {
    raw.subscribe('e', SLOW_QUERY);
    raw.complete('e');
  }
  raw.subscribe('refused', SLOW_QUERY);
  await eventually(() => expect(raw.messagesOf('refused')).toHaveLength(1));
  expect(raw.messagesOf('refused')[0].payload[0].extensions.code).toBe('RATE_LIMITED');
  kit.services.handlers.delete('GET /notifications/unread-count');
  for (const answer of answers) answer();
  let attempts = 0;
  await eventually(async () => {
    const id = `free ${(attempts += 1)}`;
    raw.subscribe(id, SLOW_QUERY);
    await eventually(() => expect(received(id)).not.toEqual([]));
    expect(received(id)).toEqual(['next', 'complete']);
  });
  // Those above the limit were refused before their complete arrived; the others have no answer.
  expect(received('e').filter((type) => type !== 'error')).toEqual([]);
});

it('ids that are names of object properties are ids like others', async () => {
  for (const id of ['__proto__', 'constructor', '1', 'a"b\\c\n\u2028', 'x'.repeat(2000)]) {
    raw.subscribe(id, SLOW_QUERY);
    await eventually(() => expect(received(id)).toEqual(['next', 'complete']));
  }
});
