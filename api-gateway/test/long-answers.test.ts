import { eventually } from '@chat/shared/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { GatewayKit, type UserWithToken } from './kit/gateway-kit.js';
import { RawSocket } from './kit/raw-socket.js';

/** The greatest length that chat-service accepts. */
const LONGEST_CONTENT = 'x'.repeat(8000);

let kit: GatewayKit;
let ada: UserWithToken;
/** A page of 100 longest messages, with the content of each under several names. */
let pageWith: (count: number) => string;
beforeAll(async () => {
  kit = await GatewayKit.start();
  const conversation = await kit.createConversation();
  ada = conversation.ada;
  const { seq, ...event } = conversation.say(LONGEST_CONTENT).payload as { seq: number; messageId: string; content: string };
  const page = {
    data: Array.from({ length: 100 }, () => ({ ...event, id: event.messageId, seq })),
    total: 100,
    page: 1,
    limit: 100,
    totalPages: 1,
  };
  kit.services.handlers.set('GET /chat/messages', () => page);
  pageWith = (count) => {
    const contents = Array.from({ length: count }, (_, n) => `c${n}: content`).join(' ');
    return `{ getMessages(conversationId: "${conversation.talk.id}", limit: 100) { data { ${contents} } } }`;
  };
});
afterAll(() => kit?.stop());

it('a page of the longest messages is answered, an answer that repeats it many times is not, over HTTP', async () => {
  const { data } = await kit.ask(pageWith(1), {}, ada.token);
  expect(data.getMessages.data[99].c0).toBe(LONGEST_CONTENT);
  const { data: none, errors, text } = await kit.ask(pageWith(11), {}, ada.token);
  expect([none, errors.map(({ extensions }) => extensions.code)]).toEqual([null, ['PAYLOAD_TOO_LARGE']]);
  expect(text.length).toBeLessThan(1000);
});

it('a page of the longest messages is answered, an answer that repeats it many times is not, on a socket', async () => {
  const socket = await new RawSocket(kit.url.replace('http', 'ws')).signIn(ada.token);
  socket.subscribe('one', pageWith(1));
  socket.subscribe('many', pageWith(11));
  await eventually(() => socket.messagesOf('many').length > 0);
  expect(socket.messagesOf('one')[0].payload.data.getMessages.data).toHaveLength(100);
  expect(socket.messagesOf('many')[0].payload).toMatchObject({ errors: [{ extensions: { code: 'PAYLOAD_TOO_LARGE' } }] });
  socket.ws.close();
});
