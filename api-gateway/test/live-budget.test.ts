import { channels } from '@chat/shared/realtime';
import { eventually } from '@chat/shared/testing';
import { register } from 'prom-client';
import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished } from 'vitest';
import { GatewayKit } from './kit/gateway-kit.js';
import { RawSocket } from './kit/raw-socket.js';

const LIMIT_BYTES = 256 * 1024;
const LONG_TEXT = 'x'.repeat(6000);
const SUBSCRIPTIONS = 40;

let kit: GatewayKit;
let ada: Awaited<ReturnType<GatewayKit['createConversation']>>['ada'];
let say: Awaited<ReturnType<GatewayKit['createConversation']>>['say'];
let raw: RawSocket;
beforeAll(async () => {
  kit = await GatewayKit.start();
});
afterAll(() => kit.stop());
beforeEach(async () => {
  ({ ada, say } = await kit.createConversation());
  raw = await new RawSocket(kit.url.replace('http', 'ws')).signIn(ada.token);
  return () => raw.ws.terminate();
});

async function heldBytes(): Promise<number> {
  return (await register.getSingleMetric('gateway_socket_buffered_bytes')!.get()).values[0]?.value ?? 0;
}

/** Subscribes many times to something whose events cannot be resolved before `answer`. */
async function subscribeWithoutProfiles(field: string): Promise<{ answer: () => void }> {
  const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
  kit.services.handlers.set('POST /profiles/bulk', async ({ body }) => {
    await answered;
    return body.userIds.map((id: string) => kit.services.users.profiles.get(id));
  });
  onTestFinished(() => {
    answer();
    kit.services.handlers.delete('POST /profiles/bulk');
  });
  for (let n = 1; n <= SUBSCRIPTIONS; n += 1) raw.subscribe(`${n}`, `subscription { ${field} }`);
  await eventually(async () => (await kit.services.redis.pubsub('NUMSUB', channels.user(ada.userId)))[1] === 1);
  return { answer };
}

it('the subscriptions of one socket hold at most 256 KB of live items together; more ends it as a slow consumer', async () => {
  await subscribeWithoutProfiles('messageReceived { content sender { id } }');
  let closed: { code: number } | null = null;
  void raw.closed.then((end) => (closed = end));
  let peak = 0;
  // Each subscription gets less than 128 KB.
  for (let n = 1; n <= 15; n += 1) {
    await kit.services.feed.publish(say(LONG_TEXT));
    peak = Math.max(peak, await heldBytes());
  }
  await eventually(() => expect(closed).toMatchObject({ code: 1013 }));
  expect(peak).toBeLessThan(LIMIT_BYTES);
});

it('the events streams of one socket hold at most 256 KB of live events together, and deliver all of them later', async () => {
  const { answer } = await subscribeWithoutProfiles('events { ... on MessageCreated { message { seq content sender { id } } } }');
  await eventually(() => expect(raw.messages.filter(({ type }) => type === 'next')).toHaveLength(SUBSCRIPTIONS));
  let peak = 0;
  for (let n = 1; n <= 15; n += 1) {
    await kit.services.feed.publish(say(LONG_TEXT));
    peak = Math.max(peak, await heldBytes());
  }
  expect(peak).toBeLessThan(LIMIT_BYTES);
  const replays = () => kit.services.callsOf('POST', '/feed/replay').filter(({ userId }) => userId === ada.userId).length;
  const before = replays();
  answer();
  const seqsOf = (id: string) => raw.messagesOf(id).flatMap(({ payload }) => payload.data.events.message?.seq ?? []);
  const expected = Array.from({ length: 15 }, (_, n) => n + 1);
  for (let n = 1; n <= SUBSCRIPTIONS; n += 1) {
    await eventually(() => expect(seqsOf(`${n}`)).toHaveLength(15));
    expect(seqsOf(`${n}`)).toEqual(expected);
  }
  expect(replays()).toBeGreaterThan(before);
});
