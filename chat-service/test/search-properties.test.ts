import { newId } from '@chat/shared/database';
import { randomInt } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { isSearchable, searchText } from '@chat/shared/search';
import { Chat } from './kit/chat.js';
import { indexAll, searchAll } from './kit/search.js';
import type { TestUser } from './kit/test-user.js';

let chat: Chat;
beforeAll(async () => {
  chat = await Chat.start();
});
afterAll(async () => {
  await chat?.stop();
});

interface Stored {
  id: string;
  conversation_id: string;
  seq: number;
  sender_id: string;
  content: string;
  created_at: Date;
}

/** Few characters of many scripts, so that a short query has hits and near misses. */
const CHARACTERS = [...'aAäeEéßsSiİı %_\\天気ガがか한하กิา', 'ل', 'َ', '👍', '👍🏽', '👨‍👩‍👧', '❤️', 'e\u0301', 'ﬁ', 'Ａ', '\n'];
const pick = <T>(list: T[]): T => list[randomInt(list.length)]!;
const someText = (max: number) => Array.from({ length: 1 + randomInt(max) }, () => pick(CHARACTERS)).join('');

/** A full scan of what a user may see, without any of the search tables. */
async function fullScan(userId: string, query: string, filter: { conversationId?: string; senderId?: string }): Promise<string[]> {
  const rows = await chat.rows<Stored>(
    `select m.* from messages m join members me on me.conversation_id = m.conversation_id and me.user_id = $1 and m.seq > me.joined_seq
       where m.deleted_at is null order by m.created_at desc, m.seq desc, m.id desc`,
    [userId],
  );
  const hits = rows.filter(
    (row) =>
      searchText(row.content).includes(searchText(query)) &&
      (!filter.conversationId || row.conversation_id === filter.conversationId) &&
      (!filter.senderId || row.sender_id === filter.senderId),
  );
  return hits.map(({ id }) => id);
}

const senderOf = (message: Stored, users: TestUser[]) => users.find(({ userId }) => userId === message.sender_id)!;

async function change(users: TestUser[], groups: string[]): Promise<void> {
  const [message] = await chat.rows<Stored>('select * from messages order by random() limit 1');
  const kind = randomInt(10);
  if (kind === 0 && message) {
    await senderOf(message, users).request('PATCH', `/chat/messages/${message.id}`, { content: `${someText(12)}.` });
  } else if (kind === 1 && message) {
    await senderOf(message, users).request('DELETE', `/chat/messages/${message.id}`);
  } else if (kind === 2) {
    const [group, user] = [pick(groups), pick(users)];
    await chat.sql.query('delete from members where conversation_id = $1 and user_id = $2', [group, user.userId]);
  } else if (kind === 3) {
    // last_read_seq as at joining in the service.
    const join = `insert into members (conversation_id, user_id, role, joined_seq, last_read_seq, last_delivered_seq, joined_at)
      select id, $2, 'MEMBER', last_seq, last_seq, last_seq, now() from conversations where id = $1 on conflict do nothing`;
    await chat.sql.query(join, [pick(groups), pick(users).userId]);
  } else {
    const request = { conversationId: pick(groups), content: `${someText(12)}.`, clientMessageId: newId() };
    await pick(users).request('POST', '/chat/messages', request);
  }
}

it('a search has exactly the hits of a full scan, whatever was sent, edited, deleted, joined and left, indexed or not', async () => {
  const users = await chat.users(4);
  const groups: string[] = [];
  for (let n = 0; n < 5; n++) groups.push(await chat.group(users.slice(n % 2)));
  for (let round = 0; round < 30; round++) {
    for (let n = 0; n < 25; n++) await change(users, groups);
    if (round % 3 === 1) await indexAll(chat);
    for (let n = 0; n < 10; n++) {
      const query = someText(round % 2 === 0 ? 1 : 4);
      if (!isSearchable(searchText(query))) continue;
      const user = pick(users);
      const isMember = await chat.rows<{ conversation_id: string }>('select conversation_id from members where user_id = $1', [
        user.userId,
      ]);
      const filter = {
        ...(randomInt(4) === 0 && isMember.length > 0 ? { conversationId: pick(isMember).conversation_id } : {}),
        ...(randomInt(4) === 0 ? { senderId: pick(users).userId } : {}),
      };
      const found = await searchAll(user, { query, limit: 1 + randomInt(20), ...filter });
      expect(
        found.map(({ id }) => id),
        JSON.stringify({ query, filter }),
      ).toEqual(await fullScan(user.userId, query, filter));
    }
  }
});
