import { eventually } from '@chat/shared/testing';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { register } from 'prom-client';
import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished } from 'vitest';
import { GatewayKit } from './kit/gateway-kit.js';
import { RawSocket } from './kit/raw-socket.js';

const BUFFER_BYTES = 128 * 1024;
const LONG_TEXT = 'x'.repeat(6000);

let kit: GatewayKit;
let ada: Awaited<ReturnType<GatewayKit['createUser']>>;
let raw: RawSocket;
beforeAll(async () => {
  kit = await GatewayKit.start();
});
afterAll(() => kit.stop());
beforeEach(async () => {
  ada = await kit.createUser();
  raw = await new RawSocket(kit.url.replace('http', 'ws')).signIn(ada.token);
  return () => raw.ws.terminate();
});

async function gauge(name: string): Promise<number> {
  return (await register.getSingleMetric(name)!.get()).values[0]?.value ?? 0;
}

/** The largest number of bytes that the gateway holds for clients until the work is done. */
async function peakOfBytesHeld(work: Promise<unknown>): Promise<number> {
  let peak = 0;
  const done = work.then(() => true);
  const tick = () => new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 5));
  do peak = Math.max(peak, await gauge('gateway_socket_buffered_bytes'));
  while (!(await Promise.race([done, tick()])));
  return peak;
}

function answerWithLongPages(messages: number, content = LONG_TEXT): { query: string; calls: () => number } {
  const conversationId = randomUUID();
  const createdAt = new Date().toISOString();
  kit.services.handlers.set('GET /chat/messages', () => ({
    data: Array.from({ length: messages }, (_, seq) => ({
      id: randomUUID(),
      conversationId,
      seq,
      senderId: ada.userId,
      content,
      createdAt,
    })),
    total: messages,
    page: 1,
    limit: messages,
    totalPages: 1,
  }));
  const before = kit.services.callsOf('GET', '/chat/messages').length;
  return {
    query: `{ getMessages(conversationId: "${conversationId}", limit: ${messages}) { data { content } } }`,
    calls: () => kit.services.callsOf('GET', '/chat/messages').length - before,
  };
}

it('a client that does not read holds one buffer and the answer of one query, and gets all answers later', async () => {
  const { query, calls } = answerWithLongPages(40);
  raw.ws.pause();
  const peak = await peakOfBytesHeld(
    (async () => {
      for (let n = 1; n <= 100; n += 1) raw.subscribe(`${n}`, query);
      await eventually(async () => expect(await gauge('gateway_socket_buffered_bytes')).toBeGreaterThan(BUFFER_BYTES));
      // No other query begins.
      let last = -1;
      await eventually(() => {
        const before = last;
        last = calls();
        expect(last).toBe(before);
      });
    })(),
  );
  expect(calls()).toBeLessThan(100);
  expect(peak).toBeLessThan(BUFFER_BYTES + 40 * 6100);
  raw.ws.resume();
  await eventually(() => expect(raw.messages.filter(({ type }) => type === 'complete')).toHaveLength(100));
  expect(raw.messages.filter(({ type, payload }) => type === 'next' && payload.data?.getMessages.data.length === 40)).toHaveLength(100);
  expect(calls()).toBe(100);
});

it('no message of a client is handled while its buffer is full; all are handled in order when it reads again', async () => {
  const { query } = answerWithLongPages(100);
  raw.ws.pause();
  for (let n = 1; n <= 60; n += 1) raw.subscribe(`${n}`, query);
  await eventually(async () => expect(await gauge('gateway_socket_buffered_bytes')).toBeGreaterThan(BUFFER_BYTES));
  const held = await gauge('gateway_socket_buffered_bytes');
  const send = 'mutation ($input: CreateMessageInput!) { sendMessage(input: $input) { id } }';
  const receiverId = randomUUID();
  for (let n = 1; n <= 40; n += 1) {
    raw.send({ type: 'ping', payload: { text: 'x'.repeat(1000) } });
    raw.subscribe(`send ${n}`, send, { input: { receiverId, content: `${n}` } });
  }
  const sent = () => kit.services.callsOf('RPC', '').flatMap(({ body }) => (body.receiverId === receiverId ? Number(body.content) : []));
  // Meanwhile the gateway serves other clients.
  for (let n = 0; n < 50; n += 1) await kit.ask('{ hello }');
  expect(sent()).toEqual([]);
  expect((await gauge('gateway_socket_buffered_bytes')) - held).toBeLessThan(8 * 100 * 6100);
  raw.ws.resume();
  await eventually(() => expect(raw.messages.filter(({ type }) => type === 'pong')).toHaveLength(40));
  await eventually(() => expect(sent()).toEqual(Array.from({ length: 40 }, (_, n) => n + 1)));
});

it('a client that reads no answers of its mutations is cut off before they take more than 256 KB and one answer', async () => {
  const send = kit.services.chat.routes['RPC ']!;
  kit.services.handlers.set('RPC ', async (call) => ({ ...((await send(call)) as object), content: LONG_TEXT }));
  onTestFinished(() => void kit.services.handlers.delete('RPC '));
  const aliases = Array.from({ length: 25 }, (_, n) => `m${n}: sendMessage(input: $input) { content }`);
  const mutation = `mutation ($input: CreateMessageInput!) { ${aliases.join(' ')} }`;
  raw.ws.pause();
  const peak = await peakOfBytesHeld(
    (async () => {
      for (let n = 1; n <= 100; n += 1) raw.subscribe(`${n}`, mutation, { input: { receiverId: randomUUID(), content: 'x' } });
      await eventually(async () => expect(await gauge('gateway_sockets')).toBe(0));
    })(),
  );
  expect(peak).toBeLessThan(256 * 1024 + 25 * 6100);
  raw.ws.resume();
  expect(await raw.closed).toMatchObject({ code: 1006 });
});

it('a client that never reads is cut off, whether or not it takes part in the closing handshake', async () => {
  const { query } = answerWithLongPages(100);
  raw.ws.pause();
  const closed = raw.closed.then(({ code }) => code);
  for (let n = 1; n <= 60; n += 1) raw.subscribe(`${n}`, query);
  await eventually(async () => expect(await gauge('gateway_socket_buffered_bytes')).toBeGreaterThan(BUFFER_BYTES));
  await eventually(async () => expect(await gauge('gateway_sockets')).toBe(0));
  expect(await gauge('gateway_socket_buffered_bytes')).toBe(0);
  // A paused client notices the end of the connection when it writes.
  await eventually(() => {
    raw.ws.ping();
    expect(raw.ws.readyState).not.toBe(raw.ws.OPEN);
  });
  expect(await closed).toBe(1006);
}, 30_000);

it('a client that reads slowly is not disconnected, also when one answer takes longer than the timeout', async () => {
  // Of three bytes each: the answer has 21 MB.
  const { query } = answerWithLongPages(1, '€'.repeat(1_000_000));
  const page = query.slice(1, -1);
  const largeQuery = `{ ${Array.from({ length: 7 }, (_, n) => `page${n}: ${page}`).join(' ')} }`;
  const { _socket: connection } = raw.ws as unknown as { _socket: Socket };
  raw.ws.pause();
  raw.subscribe('1', largeQuery);
  await eventually(async () => expect(await gauge('gateway_socket_buffered_bytes')).toBeGreaterThan(BUFFER_BYTES));
  for (const start = Date.now(); Date.now() < start + 7000;) {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const end = connection.bytesRead + 1_000_000;
    raw.ws.resume();
    while (connection.bytesRead < end) await once(connection, 'data');
    raw.ws.pause();
  }
  expect(raw.messages.filter(({ type }) => type === 'next')).toEqual([]);
  expect(await gauge('gateway_sockets')).toBe(1);
  raw.ws.resume();
  await eventually(() => expect(raw.messages.at(-1)).toEqual({ id: '1', type: 'complete' }));
}, 30_000);

it('the streams of a client that does not read hold one page together, and deliver all events later', async () => {
  const streams = 10;
  const events = 700;
  const ben = await kit.createUser();
  const conversation = kit.services.chat.addConversation([ada.userId, ben.userId]);
  const { cursor } = await kit.events(ada.token);
  for (let n = 1; n <= events; n += 1) kit.services.feed.recordMessage(conversation, ben.userId, `${n} ${LONG_TEXT}`);
  raw.ws.pause();
  for (let n = 1; n <= streams; n += 1)
    raw.subscribe(`${n}`, `subscription { events(after: "${cursor}") { ... on MessageCreated { message { seq content } } } }`);
  await eventually(async () => expect(await gauge('gateway_socket_buffered_bytes')).toBeGreaterThan(BUFFER_BYTES));
  const pages = () => kit.services.callsOf('POST', '/feed/replay').filter(({ userId }) => userId === ada.userId).length;
  // Meanwhile the gateway serves other clients.
  for (let n = 0; n < 50; n += 1) await kit.ask('{ hello }');
  // One page is held. Before it, the buffers of the operating system took up to 10 MB, which are three pages.
  expect(pages()).toBeLessThan(6);
  raw.ws.resume();
  const seqsOf = (id: string) => raw.messagesOf(id).flatMap(({ payload }) => payload.data.events.message?.seq ?? []);
  const expected = Array.from({ length: events }, (_, n) => n + 1);
  for (let n = 1; n <= streams; n += 1) {
    await eventually(() => expect(seqsOf(`${n}`)).toHaveLength(events));
    expect(seqsOf(`${n}`)).toEqual(expected);
  }
}, 60_000);

it('a stream that is completed while it waits for a page, or has one, lets the next stream continue', async () => {
  const ben = await kit.createUser();
  const conversation = kit.services.chat.addConversation([ada.userId, ben.userId]);
  const { cursor } = await kit.events(ada.token);
  for (let n = 1; n <= 1200; n += 1) kit.services.feed.recordMessage(conversation, ben.userId, `${n}`);
  const query = `subscription { events(after: "${cursor}") { ... on MessageCreated { message { seq } } } }`;
  for (let n = 1; n <= 20; n += 1) {
    raw.subscribe(`given up ${n}`, query);
    if (n % 2 === 0) raw.complete(`given up ${n}`);
  }
  await eventually(() => expect(raw.messagesOf('given up 1').length).toBeGreaterThan(0));
  for (let n = 1; n <= 20; n += 2) raw.complete(`given up ${n}`);
  raw.subscribe('last', query);
  await eventually(() => expect(raw.messagesOf('last')).toHaveLength(1201));
});
