import type { FeedEvent } from '@chat/shared/contracts';
import { eventually } from '@chat/shared/testing';
import { register } from 'prom-client';
import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished } from 'vitest';
import type { Call } from './kit/fake-http-server.js';
import { GatewayKit, type UserWithToken } from './kit/gateway-kit.js';
import { RawSocket } from './kit/raw-socket.js';

let kit: GatewayKit;
let ada: UserWithToken;
let say: (content: string) => FeedEvent;
beforeAll(async () => {
  kit = await GatewayKit.start();
});
afterAll(() => kit.stop());
beforeEach(async () => {
  ({ ada, say } = await kit.createConversation());
});

const open = () => new RawSocket(kit.url.replace('http', 'ws')).signIn(ada.token);
const events = (cursor: string | null) =>
  `subscription { events${cursor === null ? '' : `(after: "${cursor}")`} { __typename ... on MessageCreated { message { content } } } }`;
const contentsOf = (raw: RawSocket, id: string) =>
  raw.messagesOf(id).flatMap(({ payload }) => payload?.data?.events.message?.content ?? []);

/** The replays of the feed wait until `release`; those of the current user are counted. */
function holdReplays(): { count: () => number; release: () => void } {
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const replay = kit.services.feed.routes['POST /feed/replay']!;
  let count = 0;
  kit.services.handlers.set('POST /feed/replay', async (call: Call) => {
    if (call.userId === ada.userId) count += 1;
    await released;
    return replay(call);
  });
  onTestFinished(() => void kit.services.handlers.delete('POST /feed/replay'));
  return { count: () => count, release };
}

async function openSockets(): Promise<number> {
  return (await register.getSingleMetric('gateway_sockets')!.get()).values[0]!.value;
}

/** Other clients are served meanwhile. */
async function letTimePass(): Promise<void> {
  for (let n = 0; n < 50; n += 1) await kit.ask('{ hello }');
}

it('streams that are completed while the feed is unavailable end alone: the socket and its other streams continue', async () => {
  const { cursor } = await kit.events(ada.token);
  const raw = await open();
  for (const id of ['completed', 'kept']) raw.subscribe(id, events(null));
  await eventually(() => expect(raw.messages).toHaveLength(3));
  kit.services.unavailable.add('feed');
  onTestFinished(() => void kit.services.unavailable.delete('feed'));
  raw.subscribe('completed while it opens', events(cursor));
  raw.subscribe('completed while it opens at the end', events(null));
  await kit.loseRedis();
  say('1');
  await letTimePass();
  for (const id of ['completed', 'completed while it opens', 'completed while it opens at the end']) raw.complete(id);
  await letTimePass();
  kit.services.unavailable.delete('feed');
  await eventually(() => expect(contentsOf(raw, 'kept')).toEqual(['1']));
  expect(raw.messages.map(({ id }) => id)).not.toContain('completed while it opens');
  expect(raw.ws.readyState).toBe(raw.ws.OPEN);
  raw.ws.terminate();
});

it('replays of streams whose client has disconnected, or has completed them, do not run', async () => {
  const { cursor } = await kit.events(ada.token);
  say('1');
  const replays = holdReplays();
  const openBefore = await openSockets();
  const sockets = [await open(), await open(), await open()];
  for (let n = 0; n < 20; n += 1) for (const raw of sockets) raw.subscribe(`${n}`, events(cursor));
  // Two of one user run at a time.
  await eventually(() => expect(replays.count()).toBe(2));
  for (let n = 0; n < 19; n += 1) sockets[0]!.complete(`${n}`);
  for (const raw of sockets.slice(1)) raw.ws.terminate();
  await eventually(async () => expect(await openSockets()).toBe(openBefore + 1));
  await letTimePass();
  replays.release();
  await eventually(() => expect(contentsOf(sockets[0]!, '19')).toEqual(['1']));
  await letTimePass();
  expect(replays.count()).toBe(3);
  sockets[0]!.ws.terminate();
});
