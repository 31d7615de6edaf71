import { type ChatMessage, MAX_REACTION_USER_IDS, type MessagePage, type OwnReactions, type Paginated } from '@chat/shared/contracts';
import { newId } from '@chat/shared/database';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { Chat } from './kit/chat.js';
import { problem, refusal } from './kit/refusal.js';
import type { TestUser } from './kit/test-user.js';

/*
 * A group of 1,000 members that react with 20 emojis: what one reaction costs all of them, and what a page costs. The reactions of the others are written to
 * the database, as 20,000 requests take too long.
 */
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

const EMOJIS = Array.from({ length: 20 }, (_, i) => String.fromCodePoint(0x1f600 + i));
const others = (count: number) => Array.from({ length: count }, () => newId());
async function reactAll(messageId: string, userIds: string[], emojis: string[]): Promise<void> {
  await chat.sql.query(
    `insert into message_reactions (message_id, user_id, emoji)
       select $1, u, e from unnest($2::text[]) with ordinality a(e, x) cross join unnest($3::uuid[]) with ordinality b(u, y) order by x, y`,
    [messageId, emojis, userIds],
  );
}
const lastReactionsChanged = async () => (await chat.outbox(message.conversationId)).findLast(({ type }) => type === 'ReactionsChanged')!;

it('the event of a reaction has the counts, and at most 200 user ids, the first ones of each emoji', async () => {
  const members = others(999);
  await reactAll(message.id, members, EMOJIS);
  const { reactions } = await bob.react(message.id, EMOJIS[3]!);
  expect(reactions).toEqual(EMOJIS.map((emoji, i) => ({ emoji, count: i === 3 ? 1000 : 999, userIds: members.slice(0, 10) })));
  const { payload } = await lastReactionsChanged();
  expect(payload['reactions']).toEqual(reactions);
  expect(Buffer.byteLength(JSON.stringify(payload))).toBeLessThan(12_000);
  expect((await bob.removeReaction(message.id, EMOJIS[3]!)).reactions[3]).toMatchObject({ count: 999 });
});

it('up to 200 reactions have all user ids; a removed one makes room for the next member', async () => {
  const members = others(199);
  await reactAll(message.id, members, ['👍']);
  const all = [...members, bob.userId];
  expect((await bob.react(message.id, '👍')).reactions).toEqual([{ emoji: '👍', count: 200, userIds: all }]);
  const half = MAX_REACTION_USER_IDS / 2;
  expect((await bob.react(message.id, '👎')).reactions).toEqual([
    { emoji: '👍', count: 200, userIds: members.slice(0, half) },
    { emoji: '👎', count: 1, userIds: [bob.userId] },
  ]);
  await chat.sql.query('delete from message_reactions where message_id = $1 and user_id = $2', [message.id, members[0]]);
  expect((await alice.message(message.id)).reactions[0]).toEqual({ emoji: '👍', count: 199, userIds: all.slice(1) });
});

it('a page of 100 messages that 1,000 members reacted to with 20 emojis is answered, and reads what it shows', async () => {
  const { conversationId } = message;
  const members = others(1000);
  const ids = [message.id];
  while (ids.length < 100) ids.push((await alice.send({ conversationId, content: 'more' })).id);
  await reactAll(ids[0]!, members, EMOJIS);
  // The others have the same, without 2,000,000 rows: what is counted is what is read.
  await chat.sql.query(
    `insert into message_reactions (message_id, user_id, emoji)
       select m, r.user_id, r.emoji from unnest($1::uuid[]) m cross join message_reactions r
         where r.message_id = $2 and r.user_id = any ($3::uuid[]) order by r.position`,
    [ids.slice(1), ids[0], members.slice(0, 10)],
  );
  await chat.sql.query('update message_reaction_counts set count = 1000 where message_id = any ($1::uuid[])', [ids]);
  const path = `/chat/messages?conversationId=${conversationId}&limit=100`;
  const page = await bob.must<MessagePage>('GET', path);
  const shown = EMOJIS.map((emoji) => ({ emoji, count: 1000, userIds: members.slice(0, 10) }));
  expect(page.data.map(({ reactions }) => reactions)).toEqual(ids.map(() => shown));
  expect(Buffer.byteLength(JSON.stringify(page))).toBeLessThan(1_000_000);
});

it('all members that reacted are on pages, in their order, and each user learns of the own reactions', async () => {
  const members = others(250);
  await reactAll(message.id, members, ['👍', '❤️']);
  await bob.react(message.id, '❤️');
  const page = (emoji: string, args = '') =>
    bob.must<Paginated<string>>('GET', `/chat/messages/${message.id}/reactions?emoji=${encodeURIComponent(emoji)}${args}`);
  expect(await page('👍', '&page=3&limit=100')).toEqual({ data: members.slice(200), total: 250, page: 3, limit: 100, totalPages: 3 });
  // The same emoji without its variation selector.
  expect((await page('❤', '&page=26&limit=10')).data).toEqual([bob.userId]);
  expect(await page('🎉')).toMatchObject({ data: [], total: 0 });
  const own = (user: TestUser) => user.must<OwnReactions[]>('POST', '/chat/messages/own-reactions', { messageIds: [message.id, newId()] });
  expect([await own(bob), await own(alice)]).toEqual([[{ messageId: message.id, emojis: ['❤️'] }], []]);
  for (const query of ['', '?emoji=ok', `?emoji=${encodeURIComponent('👍')}&limit=101`])
    expect(await refusal(chat, bob, 'GET', `/chat/messages/${message.id}/reactions${query}`, undefined)).toMatchObject(
      problem(400, 'BAD_USER_INPUT'),
    );
  await alice.deleteMessage(message.id);
  expect(await page('👍')).toMatchObject({ data: [], total: 0 });
});

it('a deleted message has no counts', async () => {
  await reactAll(message.id, others(30), EMOJIS);
  await alice.deleteMessage(message.id);
  expect(await chat.rows('select 1 from message_reaction_counts where message_id = $1', [message.id])).toEqual([]);
});

it('the counts are those of the reactions, whatever comes at the same moment', async () => {
  const users = [alice, bob];
  await Promise.all(
    Array.from({ length: 60 }, (_, i) => {
      const [user, emoji] = [users[i % 2]!, EMOJIS[i % 3]!];
      return i % 5 < 3 ? user.react(message.id, emoji) : user.removeReaction(message.id, emoji);
    }),
  );
  const counted = await chat.rows('select emoji, count from message_reaction_counts where message_id = $1 order by emoji', [message.id]);
  expect(counted).toEqual(
    await chat.rows('select emoji, count(*)::int as count from message_reactions where message_id = $1 group by emoji order by emoji', [
      message.id,
    ]),
  );
});
