import { afterAll, beforeAll, expect, it } from 'vitest';
import { BLOCK_SIZE } from '../src/search/index-batch.js';
import { SEARCH_MESSAGES, type SearchRow } from '../src/search/search.queries.js';
import { queryGrams, SEARCH_RULE } from '../src/search/grams.js';
import { Chat } from './kit/chat.js';
import { contentsFound, indexAll } from './kit/search.js';

const MESSAGES = 1200;
const LATEST = { at: 'infinity' as Date | string, seq: 2_147_483_647, id: 'ffffffff-ffff-ffff-ffff-ffffffffffff' };

let chat: Chat;
beforeAll(async () => {
  chat = await Chat.start();
});
afterAll(async () => {
  await chat?.stop();
});

/** A user in a conversation with many messages that the service did not store itself. `batch` of them have the same time. */
async function longConversation(batch: number) {
  const [user] = await chat.users(1);
  const conversationId = await chat.group([user!]);
  await chat.sql.query(
    `insert into messages (id, conversation_id, seq, sender_id, content, created_at)
       select gen_random_uuid(), $1, n, $2, 'text ' || case when n % 400 = 1 then 'rare ' else '' end || n,
           '2026-01-01'::timestamptz + (n / $4::int) * interval '1 second'
         from generate_series(1, $3::int) n`,
    [conversationId, user!.userId, MESSAGES, batch],
  );
  await chat.sql.query('update conversations set last_seq = $2 where id = $1', [conversationId, MESSAGES]);
  return { user: user!, conversationId };
}

it('more messages that are not indexed than a statement reads are all compared', async () => {
  const { user } = await longConversation(1);
  expect(await contentsFound(user, 'RARE')).toEqual(['text rare 801', 'text rare 401', 'text rare 1']);
  expect(await contentsFound(user, 'text')).toHaveLength(MESSAGES);
});

it.each([1, 50])(
  'a search that ends at the limit of blocks continues from there and misses nothing, with %i messages at a time',
  async (batch) => {
    const { user } = await longConversation(batch);
    await indexAll(chat);
    const found: number[] = [];
    for (let before = LATEST; ;) {
      const query = [user.userId, null, null, 'text', queryGrams('text'), SEARCH_RULE, BLOCK_SIZE];
      const { rows } = await chat.sql.query<SearchRow>(SEARCH_MESSAGES.text, [...query, before.at, before.seq, before.id, 300, 500, 8]);
      const more = rows.find(({ kind }) => kind === 'more');
      const hits = rows.filter((row) => row.kind === 'found' && (!more || row.created_at > more.created_at));
      found.push(...hits.map(({ seq }) => seq));
      if (!more) break;
      before = { ...LATEST, at: more.created_at };
    }
    expect(found).toEqual(Array.from({ length: MESSAGES }, (_, n) => MESSAGES - n));
  },
);
