import { expect } from 'vitest';
import type { Chat } from './chat.js';
import type { Answer, TestUser } from './test-user.js';

/** The number of rows in each table that a rejected request could have changed. Receipts of earlier sends are published later. */
async function stored(chat: Chat): Promise<unknown> {
  return chat.rows(`select (select count(*) from conversations) as conversations, (select count(*) from members) as members,
    (select count(*) from messages) as messages, (select count(*) from outbox where type <> 'ReceiptsAdvanced') as outbox, (select count(*) from users) as users,
    (select max(last_seq) from conversations) as last_seq, (select count(*) from message_versions) as versions,
    (select count(*) from message_reactions) as reactions, (select md5(string_agg(m::text, ',' order by m.id)) from messages m) as contents`);
}

/** The response to a request that must change nothing and disclose no internals. */
export async function refusal(
  chat: Chat,
  user: TestUser,
  method: string,
  path: string,
  body: unknown,
): Promise<Answer<Record<string, unknown>>> {
  const before = await stored(chat);
  const answer = await user.request(method, path, body);
  expect(JSON.stringify(answer.body)).not.toMatch(/select |insert |\.ts:|\.js:|node_modules|violates/i);
  expect(await stored(chat)).toEqual(before);
  return answer;
}

/** The answer to a rejected request. */
export const problem = (status: number, code: string) => ({ status, body: { status, code, requestId: expect.any(String) } });
