import { newId } from '@chat/shared/database';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BLOCK_SIZE } from '../src/search/index-batch.js';
import { Chat } from './kit/chat.js';
import { problem, refusal } from './kit/refusal.js';
import { contentsFound, indexAll, search, searchAll } from './kit/search.js';
import type { TestUser } from './kit/test-user.js';

let chat: Chat;
beforeAll(async () => {
  chat = await Chat.start();
});
afterAll(async () => {
  await chat?.stop();
});

/** Two users with these messages of the first one, oldest first; indexed or not. */
async function conversationOf(contents: string[], isIndexed: boolean): Promise<{ ada: TestUser; ben: TestUser; conversationId: string }> {
  const [ada, ben] = (await chat.users(2)) as [TestUser, TestUser];
  let conversationId = '';
  for (const content of contents) ({ conversationId } = await ada.send({ receiverId: ben.userId, content }));
  if (isIndexed) await indexAll(chat);
  return { ada, ben, conversationId };
}

describe.each([
  ['not indexed yet', false, 0],
  ['indexed, in a block that is not complete', true, 0],
  ['indexed, in a complete block', true, BLOCK_SIZE],
])('messages that are %s', (_, isIndexed, more) => {
  const filler = Array.from({ length: more }, (_, n) => `-- ${n} --`);

  it.each([
    ['Chinese', '今天天气很好', '天气'],
    ['Japanese', '東京タワーへ行く', 'タワー'],
    ['Korean', '오늘 날씨가 좋다', '날씨'],
    ['Thai', 'สวัสดีครับ', 'ดีค'],
    ['Arabic', 'السلام عليكم', 'لام'],
    ['an emoji sequence', 'at the beach 👩🏽‍🚀👨‍👩‍👧', '👨‍👩‍👧'],
    ['one character', 'only ∞ here', '∞'],
    ['one letter of a large script', '龘', '龘'],
    ['another case and no accents', 'Crème BRÛLÉE', 'crème brulee'],
    ['a whole long text', 'x'.repeat(90), 'x'.repeat(90)],
    ['a text with the separator of blocks', 'sep\u0001arated', 'par'],
  ])('are found by %s', async (_, content, query) => {
    const { ben } = await conversationOf([content, ...filler], isIndexed);
    expect(await contentsFound(ben, query)).toEqual([content]);
  });

  it('are found by %, _ and \\ as they are', async () => {
    const contents = ['100% sure', '100 sure', 'a_b', 'axb', 'c:\\temp', 'c:temp', '\\', '%_\\'];
    const { ben } = await conversationOf([...contents, ...filler], isIndexed);
    expect(await contentsFound(ben, '0%')).toEqual(['100% sure']);
    expect(await contentsFound(ben, 'a_b')).toEqual(['a_b']);
    expect(await contentsFound(ben, '\\')).toEqual(['%_\\', '\\', 'c:\\temp']);
    expect(await contentsFound(ben, '%_\\')).toEqual(['%_\\']);
    expect(await contentsFound(ben, '%%')).toEqual([]);
  });

  it('are found only by members, and in the order of the newest first', async () => {
    const { ada, ben, conversationId } = await conversationOf(['one hit', 'two', 'three hits', ...filler], isIndexed);
    const [stranger] = await chat.users(1);
    expect(await contentsFound(ada, 'HIT')).toEqual(['three hits', 'one hit']);
    expect(await contentsFound(stranger!, 'hit')).toEqual([]);
    expect(await search(ben, { query: 'hit', conversationId, senderId: ada.userId })).toMatchObject({ data: [{ seq: 3 }, { seq: 1 }] });
    expect(await search(ben, { query: 'hit', senderId: ben.userId })).toEqual({ data: [], nextCursor: null });
    expect(await search(ben, { query: 'hit', senderId: newId() })).toEqual({ data: [], nextCursor: null });
  });

  it('are found by their new text alone once they were changed, and not at all once they were deleted', async () => {
    const { ben, conversationId } = await conversationOf(['first text', 'second text', ...filler], isIndexed);
    await chat.sql.query(`update messages set content = 'changed WORDS' where conversation_id = $1 and seq = 1`, [conversationId]);
    await chat.sql.query(`update messages set content = '', deleted_at = now() where conversation_id = $1 and seq = 2`, [conversationId]);
    for (let time = 0; time < 2; time++) {
      expect(await contentsFound(ben, 'text')).toEqual([]);
      expect(await contentsFound(ben, 'words')).toEqual(['changed WORDS']);
      await indexAll(chat);
    }
    const kept = await chat.rows<{ text: string }>(
      `select text from message_search where conversation_id = $1 union all select text from message_search_texts where conversation_id = $1`,
      [conversationId],
    );
    const texts = kept.map(({ text }) => text).join();
    expect(texts).toContain('changed words');
    expect(texts).not.toContain('text');
  });

  it('are not found while the deletion of their sender is in progress', async () => {
    const { ada, ben } = await conversationOf(['of a deleted user', ...filler], isIndexed);
    await chat.sql.query('insert into deleted_users values ($1, now())', [ada.userId]);
    await chat.sql.query(`insert into user_deletions (user_id, deleted_at) values ($1, now())`, [ada.userId]);
    expect(await contentsFound(ben, 'deleted')).toEqual([]);
  });
});

it('pages neither repeat nor miss a message while users write', async () => {
  const { ada, ben } = await conversationOf(
    Array.from({ length: 45 }, (_, n) => `page ${n}`),
    false,
  );
  const contents: string[] = [];
  for (let after: string | null | undefined; after !== null;) {
    const page = await search(ben, { query: 'page', limit: 7, ...(after === undefined ? {} : { after }) });
    contents.push(...page.data.map(({ content }) => content));
    after = page.nextCursor;
    await ada.send({ receiverId: ben.userId, content: 'page that is new' });
    if (contents.length === 21) await indexAll(chat);
  }
  expect(contents).toEqual(Array.from({ length: 45 }, (_, n) => `page ${44 - n}`));
});

it('a member of many conversations finds the newest messages of all of them', async () => {
  const [ada, ...others] = (await chat.users(71)) as [TestUser, ...TestUser[]];
  for (let n = 0; n < 140; n++) await ada.send({ receiverId: others[n % 70]!.userId, content: `message ${n}` });
  for (let n = 0; n < BLOCK_SIZE; n++) await ada.send({ receiverId: others[3]!.userId, content: `more ${n}` });
  await indexAll(chat);
  const found = await searchAll(ada, { query: 'MESSAGE', limit: 9 });
  expect(found.map(({ content }) => content)).toEqual(Array.from({ length: 140 }, (_, n) => `message ${139 - n}`));
});

it('bad input is rejected and changes nothing', async () => {
  const { ada, conversationId } = await conversationOf(['x'], false);
  const bad: object[] = [
    {},
    { query: '' },
    { query: ' \u200B\u3000' },
    { query: 'a\0b' },
    { query: '\ud800' },
    { query: 'x'.repeat(101) },
    { query: 5 },
    { query: 'x', limit: 0 },
    { query: 'x', limit: 101 },
    { query: 'x', limit: 1.5 },
    { query: 'x', after: '' },
    { query: 'x', after: 'AAAA' },
    { query: 'x', after: 'x'.repeat(200) },
    { query: 'x', conversationId: 'x' },
    { query: 'x', senderId: '1' },
    { query: 'x', page: 1 },
  ];
  for (const body of bad)
    expect(await refusal(chat, ada, 'POST', '/chat/messages/search', body), JSON.stringify(body)).toMatchObject(
      problem(400, 'BAD_USER_INPUT'),
    );
  expect(await refusal(chat, ada, 'POST', '/chat/messages/search', { query: 'x', conversationId: newId() })).toMatchObject(
    problem(404, 'NOT_FOUND'),
  );
  expect(await search(ada, { query: 'X'.repeat(100), conversationId })).toEqual({ data: [], nextCursor: null });
});
