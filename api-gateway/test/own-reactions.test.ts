import type { ChatMessage, ChatReaction } from '@chat/shared/contracts';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { GatewayKit, type UserWithToken } from './kit/gateway-kit.js';

let kit: GatewayKit;
let ada: UserWithToken;
let conversation: Awaited<ReturnType<GatewayKit['createConversation']>>;
beforeAll(async () => {
  kit = await GatewayKit.start();
});
afterAll(() => kit?.stop());
beforeEach(async () => {
  conversation = await kit.createConversation();
  ada = conversation.ada;
  kit.services.handlers.set('POST /chat/messages/own-reactions', ({ body, userId }) =>
    userId === ada.userId ? body.messageIds.map((messageId: string) => ({ messageId, emojis: ['👎'] })) : [],
  );
});

const others = (count: number) => Array.from({ length: count }, () => randomUUID());
const callsOf = () => kit.services.callsOf('POST', '/chat/messages/own-reactions').length;
const FIELDS = 'reactions { emoji isMine }';

/** The messages of a page, with these reactions. */
async function shownOnPage(...reactions: ChatReaction[][]): Promise<unknown[]> {
  const messages = reactions.map((ofMessage): ChatMessage => {
    const message = kit.services.chat.addMessage(conversation.talk, ada.userId, 'x');
    return { ...message, reactions: ofMessage };
  });
  kit.services.handlers.set('GET /chat/messages', () => ({ data: messages, total: 1, page: 1, limit: 50, totalPages: 1 }));
  const { data } = await kit.ask(`{ getMessages(conversationId: "${conversation.talk.id}") { data { ${FIELDS} } } }`, {}, ada.token);
  return data.getMessages.data.map((message: any) => message.reactions.map(({ isMine }: any) => isMine));
}

it('a page tells which reactions are of the current user, without a call if it has all user ids', async () => {
  const before = callsOf();
  const [one, two] = [others(3), [...others(2), ada.userId]];
  expect(
    await shownOnPage([
      { emoji: '👍', count: 3, userIds: one },
      { emoji: '👎', count: 3, userIds: two },
    ]),
  ).toEqual([[false, true]]);
  expect(callsOf()).toBe(before);
});

it('of messages with more reactions, they are loaded with one call for the page', async () => {
  const before = callsOf();
  const many = (): ChatReaction[] => ['👍', '👎'].map((emoji) => ({ emoji, count: 300, userIds: others(100) }));
  expect(await shownOnPage(many(), many(), [])).toEqual([[false, true], [false, true], []]);
  expect(callsOf()).toBe(before + 1);
});

it('an event tells each member what its user ids tell, and null otherwise, without a call', async () => {
  const { feed } = kit.services;
  const { talk, ben, say } = conversation;
  const selection = `__typename cursor ... on ReactionsChanged { message { ${FIELDS} } }`;
  const streams = [await kit.events(ada.token, undefined, selection), await kit.events(ben.token, undefined, selection)];
  const before = callsOf();
  const reactions = [
    { emoji: '👍', count: 1, userIds: [ada.userId] },
    { emoji: '👎', count: 300, userIds: [ben.userId, ...others(99)] },
  ];
  await feed.publish(feed.recordChange('ReactionsChanged', talk, say('one'), { reactions }));
  const shown = [];
  for (const stream of streams) shown.push((await stream.count(2))[1].message.reactions.map(({ isMine }: any) => isMine));
  expect(shown).toEqual([
    [true, null],
    [false, true],
  ]);
  expect(callsOf()).toBe(before);
});

it('getReactionUserIds is one call, and bad input is refused', async () => {
  const messageId = randomUUID();
  const page = { data: others(2), total: 2, page: 2, limit: 100, totalPages: 1 };
  kit.services.handlers.set(`GET /chat/messages/${messageId}/reactions`, () => page);
  const query = (args: string) => kit.ask(`{ getReactionUserIds(${args}) { data total page limit totalPages } }`, {}, ada.token);
  expect((await query(`messageId: "${messageId}", emoji: "👍", page: 2, limit: 100`)).data).toEqual({ getReactionUserIds: page });
  const [call] = kit.services.callsOf('GET', `/chat/messages/${messageId}/reactions`);
  expect(Object.fromEntries(call!.query)).toEqual({ emoji: '👍', page: '2', limit: '100' });
  for (const args of [
    'messageId: "x", emoji: "👍"',
    `messageId: "${messageId}", emoji: ""`,
    `messageId: "${messageId}", emoji: "👍", limit: 101`,
  ])
    expect((await query(args)).errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
});
