import type { ChatConversation, ChatMessage } from '@chat/shared/contracts';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { GatewayKit, type UserWithToken } from './kit/gateway-kit.js';

let kit: GatewayKit;
let ada: UserWithToken;
let ben: UserWithToken;
let talk: ChatConversation;
beforeAll(async () => {
  kit = await GatewayKit.start();
});
afterAll(() => kit?.stop());
beforeEach(async () => {
  ({ ada, ben, talk } = await kit.createConversation());
});

const BULK = ['POST', '/chat/messages/bulk'] as const;
const REPLIES = 'replyTo { content replyTo { content replyTo { content } } }';

/** A chain of replies: each message replies to the one before. */
function chain(length: number): ChatMessage[] {
  const messages: ChatMessage[] = [];
  for (let n = 1; n <= length; n++) messages.push(kit.services.chat.addMessage(talk, ben.userId, `${n}`, messages.at(-1)?.id));
  return messages;
}
const shownOf = (n: number, levels: number): object | null =>
  n < 1 ? null : { content: `${n}`, ...(levels === 0 ? {} : { replyTo: shownOf(n - 1, levels - 1) }) };

/** The last messages of so many chains of four. */
const ends = (count: number) => Array.from({ length: count }, () => chain(4).at(-1)!);

it('the replies of a page are loaded with one call for each level of the document', async () => {
  const data = ends(20);
  kit.services.handlers.set('GET /chat/messages', () => ({
    data,
    total: 20,
    page: 1,
    limit: 50,
    totalPages: 2,
    hasOlder: false,
    hasNewer: false,
  }));
  const before = kit.services.callsOf(...BULK).length;
  const query = `{ getMessages(conversationId: "${talk.id}") { data { content ${REPLIES} } } }`;
  const answer = await kit.ask(query, {}, ada.token);
  kit.services.handlers.delete('GET /chat/messages');
  expect(answer.errors).toEqual([]);
  expect(answer.data.getMessages.data).toEqual(data.map(() => shownOf(4, 3)));
  expect(kit.services.callsOf(...BULK).length - before).toBe(3);
});

it('a reply to a message that the user may not see, or that is unavailable, is null; the latter with an error', async () => {
  const [first, second] = chain(2);
  kit.services.handlers.set(`GET /chat/messages/${second!.id}`, () => second);
  const query = `{ getMessage(messageId: "${second!.id}") { content replyTo { content } } }`;
  kit.services.chat.messages.delete(first!.id);
  expect(await kit.ask(query, {}, ada.token)).toMatchObject({ errors: [], data: { getMessage: { content: '2', replyTo: null } } });
  kit.services.handlers.set('POST /chat/messages/bulk', () => {
    throw new Error('a fault');
  });
  const answer = await kit.ask(query, {}, ada.token);
  kit.services.handlers.delete('POST /chat/messages/bulk');
  expect(answer).toMatchObject({ data: { getMessage: { content: '2', replyTo: null } }, errors: [{ path: ['getMessage', 'replyTo'] }] });
});

it('the replies of a replayed page are loaded with one call for each level, not one for each event', async () => {
  const { cursor } = await kit.events(ada.token);
  const targets = ends(40);
  for (const { id } of targets) kit.services.feed.recordMessage(talk, ben.userId, 'reply', { replyToId: id });
  const before = kit.services.callsOf(...BULK).length;
  const stream = await kit.events(ada.token, cursor, `__typename cursor ... on MessageCreated { message { content ${REPLIES} } }`);
  const items = (await stream.count(41)).slice(1);
  expect(items.map((item) => item.message.replyTo)).toEqual(targets.map(() => shownOf(4, 2)));
  expect(kit.services.callsOf(...BULK).length - before).toBe(3);
});

it('a live reply is loaded once for all sockets, and for each user if a member joined after its target', async () => {
  const [target] = chain(1);
  const selection = '__typename cursor ... on MessageCreated { message { content replyTo { content } } }';
  const streams = await Promise.all([ada, ben, ada].map(({ token }) => kit.events(token, undefined, selection)));
  const before = kit.services.callsOf(...BULK).length;
  const all = kit.services.feed.recordMessage(talk, ben.userId, 'to all', { replyToId: target!.id });
  await kit.services.feed.publish(all);
  for (const stream of streams) expect((await stream.count(2))[1].message).toEqual({ content: 'to all', replyTo: { content: '1' } });
  expect(kit.services.callsOf(...BULK).length - before).toBe(1);
  // Ben has joined the group after the message.
  kit.services.handlers.set('POST /chat/messages/bulk', ({ userId }) =>
    userId === ada.userId ? [{ ...target, isVisibleToAll: false }] : [],
  );
  await kit.services.feed.publish(kit.services.feed.recordMessage(talk, ben.userId, 'not to all', { replyToId: target!.id }));
  const shown = await Promise.all(streams.map(async (stream) => (await stream.count(3))[2].message.replyTo));
  kit.services.handlers.delete('POST /chat/messages/bulk');
  expect(shown).toEqual([{ content: '1' }, null, { content: '1' }]);
});
