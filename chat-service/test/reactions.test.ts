import type { ChatMessage, MessagePage } from '@chat/shared/contracts';
import { newId } from '@chat/shared/database';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Chat } from './kit/chat.js';
import { problem, refusal } from './kit/refusal.js';
import type { TestUser } from './kit/test-user.js';

let chat: Chat;
let alice: TestUser;
let bob: TestUser;
let message: ChatMessage;
beforeAll(async () => {
  chat = await Chat.start();
});
afterAll(() => chat?.stop());
beforeEach(async () => {
  [alice, bob] = (await chat.users(2)) as [TestUser, TestUser];
  message = await alice.send({ receiverId: bob.userId, content: 'one' });
});

const reaction = (emoji: string, ...users: TestUser[]) => ({ emoji, count: users.length, userIds: users.map(({ userId }) => userId) });
const events = async () => (await chat.outbox(message.conversationId)).filter(({ type }) => type === 'ReactionsChanged');
const EMOJIS = Array.from({ length: 21 }, (_, i) => String.fromCodePoint(0x1f600 + i));

describe('reactions', () => {
  it('are one per member and emoji, in the order of first use, everywhere the message is', async () => {
    await bob.react(message.id, '👍');
    await bob.react(message.id, '❤️');
    const changed = await alice.react(message.id, '👍');
    const reactions = [reaction('👍', bob, alice), reaction('❤️', bob)];
    expect(changed).toEqual({ ...message, reactions });
    const { data } = await bob.must<MessagePage>('GET', `/chat/messages?conversationId=${message.conversationId}`);
    expect(data).toMatchObject([{ reactions }]);
    expect(await bob.must('POST', '/chat/messages/bulk', { messageIds: [message.id] })).toMatchObject(data);
    expect((await bob.conversation(message.conversationId)).lastMessage).toMatchObject({ reactions });
  });

  it('are removed by the member that added them', async () => {
    await bob.react(message.id, '👍');
    await alice.react(message.id, '👍');
    expect((await bob.removeReaction(message.id, '👍')).reactions).toEqual([reaction('👍', alice)]);
    expect((await alice.removeReaction(message.id, '👍')).reactions).toEqual([]);
  });

  it('have an event for each change, with the whole message', async () => {
    await alice.edit(message.id, 'two');
    const { editedAt } = await bob.react(message.id, '👍🏽');
    await bob.removeReaction(message.id, '👍🏽');
    const { id: messageId, conversationId, createdAt } = message;
    const whole = {
      messageId,
      conversationId,
      seq: 1,
      senderId: alice.userId,
      receiverId: bob.userId,
      content: 'two',
      createdAt,
      editedAt,
    };
    expect(await events()).toMatchObject([
      { payload: { ...whole, reactions: [reaction('👍🏽', bob)], changedBy: bob.userId, changedAt: expect.any(String) } },
      { payload: { ...whole, reactions: [], changedBy: bob.userId } },
    ]);
  });

  it('that are there already, or are not there, change nothing and have no event', async () => {
    await bob.react(message.id, '❤️');
    // Without its variation selector it is the same emoji.
    for (const emoji of ['❤️', '❤']) expect((await bob.react(message.id, emoji)).reactions).toEqual([reaction('❤️', bob)]);
    expect((await bob.removeReaction(message.id, '👍')).reactions).toEqual([reaction('❤️', bob)]);
    expect((await alice.removeReaction(message.id, '❤️')).reactions).toEqual([reaction('❤️', bob)]);
    expect(await events()).toHaveLength(1);
    expect((await bob.removeReaction(message.id, '❤')).reactions).toEqual([]);
  });

  it('have at most 20 different emojis per message; further members may use them, and a removed one makes room', async () => {
    for (const emoji of EMOJIS.slice(0, 20)) await bob.react(message.id, emoji);
    const add = () => refusal(chat, alice, 'POST', `/chat/messages/${message.id}/reactions`, { emoji: EMOJIS[20] });
    expect(await add()).toMatchObject(problem(400, 'BAD_USER_INPUT'));
    expect((await alice.react(message.id, EMOJIS[3]!)).reactions[3]).toEqual(reaction(EMOJIS[3]!, bob, alice));
    await bob.removeReaction(message.id, EMOJIS[0]!);
    expect((await alice.react(message.id, EMOJIS[20]!)).reactions.map(({ emoji }) => emoji)).toEqual(EMOJIS.slice(1));
  });

  it('of 21 different emojis at once: 20 are stored', async () => {
    const answers = await Promise.all(
      EMOJIS.map((emoji, i) => [alice, bob][i % 2]!.request('POST', `/chat/messages/${message.id}/reactions`, { emoji })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([...Array.from({ length: 20 }, () => 200), 400]);
    expect((await bob.message(message.id)).reactions).toHaveLength(20);
    expect(await events()).toHaveLength(20);
  });

  it('that are added and removed at once by the same member have events that end with what is stored', async () => {
    await Promise.all(Array.from({ length: 20 }, (_, i) => (i % 2 ? bob.react(message.id, '👍') : bob.removeReaction(message.id, '👍'))));
    const { reactions } = await bob.message(message.id);
    expect((await events()).at(-1)!.payload['reactions']).toEqual(reactions);
  });
});

describe('a reaction is refused, and changes nothing:', () => {
  it.each([
    ['no emoji', {}],
    ['an empty one', { emoji: '' }],
    ['text', { emoji: 'ok' }],
    ['two emojis', { emoji: '👍👍' }],
    ['zero-width characters', { emoji: '\u200d' }],
    ['a NUL', { emoji: '👍\0' }],
    ['a lone surrogate', { emoji: '\ud83d' }],
    ['a number', { emoji: 1 }],
    ['an unknown field', { emoji: '👍', userId: newId() }],
  ])('%s', async (_name, body) => {
    expect(await refusal(chat, bob, 'POST', `/chat/messages/${message.id}/reactions`, body)).toMatchObject(problem(400, 'BAD_USER_INPUT'));
  });

  it('to a conversation, to nothing, by a stranger', async () => {
    const react = (user: TestUser, id: string) => refusal(chat, user, 'POST', `/chat/messages/${id}/reactions`, { emoji: '👍' });
    for (const id of [message.conversationId, newId()]) expect(await react(alice, id)).toMatchObject(problem(404, 'NOT_FOUND'));
    expect(await react(await chat.user(), message.id)).toMatchObject(problem(404, 'NOT_FOUND'));
  });

  it('to a deleted message, and so is its removal', async () => {
    await bob.react(message.id, '👍');
    expect((await alice.deleteMessage(message.id)).reactions).toEqual([]);
    const path = `/chat/messages/${message.id}/reactions`;
    expect(await refusal(chat, bob, 'POST', path, { emoji: '👎' })).toMatchObject(problem(409, 'CONFLICT'));
    const removal = `${path}?emoji=${encodeURIComponent('👍')}`;
    expect(await refusal(chat, bob, 'DELETE', removal, undefined)).toMatchObject(problem(409, 'CONFLICT'));
  });
});
