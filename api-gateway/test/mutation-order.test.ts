import { eventually } from '@chat/shared/testing';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { GatewayKit } from './kit/gateway-kit.js';
import { RawSocket } from './kit/raw-socket.js';

const COUNT = 60;
const SHORT = 'mutation ($input: CreateMessageInput!) { sendMessage(input: $input) { id } }';
const LONG =
  'mutation Send($input: CreateMessageInput!) { ...fields } fragment fields on Mutation { __typename sendMessage(input: $input) { id content sender { username } } }';

let kit: GatewayKit;
beforeAll(async () => {
  kit = await GatewayKit.start();
});
afterAll(() => kit.stop());

// chat-service stores messages in the order in which it receives them, so this is part of what a client may rely on.
it('messages that a client sends over one socket without waiting reach chat-service in the order of the frames', async () => {
  const { token } = await kit.createUser();
  const raw = await new RawSocket(kit.url.replace('http', 'ws')).signIn(token);
  for (let round = 0; round < 5; round += 1) {
    const receiverId = randomUUID();
    const texts = Array.from({ length: COUNT }, (_, n) => `${n}`);
    // The first frames find documents and connections that are not ready; the inputs take different ways through validation.
    for (const [n, content] of texts.entries()) {
      const input = {
        receiverId,
        content,
        ...(n % 3 === 0 ? { clientMessageId: randomUUID() } : {}),
        ...(n % 4 === 0 ? { conversationId: null } : {}),
      };
      if (n % 5 === 0) raw.subscribe(`${round} query ${n}`, '{ getUnreadNotificationCount me { userId } }');
      const literal = `mutation { sendMessage(input: { receiverId: "${receiverId}", content: "${content}" }) { id } }`;
      if (n % 7 === 0) raw.subscribe(`${round} ${n}`, literal);
      else raw.subscribe(`${round} ${n}`, n % 2 === 0 ? SHORT : LONG, { input });
    }
    const received = () => kit.services.callsOf('RPC', '').flatMap(({ body }) => (body.receiverId === receiverId ? [body.content] : []));
    await eventually(() => expect(raw.messages.filter(({ type }) => type === 'complete')).toHaveLength(COUNT + COUNT / 5));
    expect(received()).toEqual(texts);
    raw.messages.length = 0;
  }
  raw.ws.terminate();
});
