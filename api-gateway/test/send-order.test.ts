import { eventually } from '@chat/shared/testing';
import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { GatewayKit } from './kit/gateway-kit.js';
import { RawSocket } from './kit/raw-socket.js';

let kit: GatewayKit;
beforeAll(async () => {
  kit = await GatewayKit.start();
});
afterAll(() => kit.stop());

const [receiverId, conversationId] = [randomUUID(), randomUUID()];

/** Operations that send the same message in different ways: addressed differently, with variables or literals, parsed before or new. */
const WAYS: ((content: string) => [query: string, variables?: object])[] = [
  (content) => ['mutation ($input: CreateMessageInput!) { sendMessage(input: $input) { id } }', { input: { receiverId, content } }],
  (content) => [`mutation { sendMessage(input: { conversationId: "${conversationId}", content: "${content}" }) { id seq } }`],
  (content) => [
    'mutation Send($input: CreateMessageInput!) { sent: sendMessage(input: $input) { ...parts } } fragment parts on Message { id sender { username } }',
    { input: { receiverId, conversationId, content, clientMessageId: randomUUID() } },
  ],
  (content) => [
    'mutation ($c: String!, $r: String) { sendMessage(input: { receiverId: $r, content: $c }) { id } }',
    { c: content, r: receiverId },
  ],
];

// Clients rely on it: what a user types first is shown first. chat-service keeps the order in which the gateway's requests arrive.
it('messages that a client sends on one socket reach chat-service in their order, in whatever way they are sent', async () => {
  for (let round = 0; round < 5; round++) {
    const { userId, token } = await kit.createUser();
    const socket = await new RawSocket(kit.url.replace('http', 'ws')).signIn(token);
    const contents = Array.from({ length: 40 }, (_, i) => `message ${i}`);
    // In one TCP segment, as far as possible, so that the gateway reads many of them at once.
    const tcp = (socket.ws as unknown as { _socket: Socket })._socket;
    tcp.cork();
    for (const [i, content] of contents.entries()) {
      const way = WAYS[(i + round) % WAYS.length]!;
      socket.subscribe(content, ...way(content));
      if (i === 20) {
        tcp.uncork();
        await new Promise((resolve) => setImmediate(resolve));
        tcp.cork();
      }
    }
    tcp.uncork();
    const received = () => kit.services.callsOf('RPC', '').filter((call) => call.userId === userId);
    await eventually(() => received().length === contents.length);
    expect(received().map(({ body }) => (body as { content: string }).content)).toEqual(contents);
    socket.ws.terminate();
  }
});
