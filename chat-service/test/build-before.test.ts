import { newId } from '@chat/shared/database';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Chat } from './kit/chat.js';
import { TestFiles } from './kit/files.js';

let chat: Chat;
beforeAll(async () => {
  chat = await Chat.start();
});
afterAll(() => chat?.stop());

/** The statements of the build before, whose processes still send while the update is in progress. */
const STORE_MESSAGE = 'select s.* from store_message($1, $2, $3, $4, $5, $6, $7, $8) s';
const STORE_MESSAGES = 'select s.* from store_messages($1, $2, $3, $4, $5, $6, $7, $8) s';
const STORE_MESSAGE_TO_USER = 'select * from store_message_to_user($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)';

it('the functions that processes of the build before call store messages, in order with those of this build', async () => {
  const [alice, bob] = await chat.users(2);
  const ids = Array.from({ length: 4 }, () => newId());
  const rest = () => [newId(), null, null];
  const first = [bob!.userId, alice!.userId, 'key', ids[0], 'one', ...rest(), newId(), newId(), true];
  const { rows } = await chat.sql.query<{ outcome: string; conversation_id: string; seq: number }>(STORE_MESSAGE_TO_USER, first);
  expect(rows).toMatchObject([{ outcome: 'stored', seq: 1 }]);
  const { conversation_id: conversationId } = rows[0]!;
  expect((await chat.sql.query(STORE_MESSAGE, [conversationId, alice!.userId, 'key', ids[1], 'one', ...rest()])).rows).toMatchObject([
    { outcome: 'repeated', message_id: ids[0] },
  ]);
  expect((await chat.sql.query(STORE_MESSAGE, [conversationId, bob!.userId, null, ids[1], 'two', ...rest()])).rows).toMatchObject([
    { outcome: 'stored', seq: 2 },
  ]);
  const both = [conversationId, conversationId];
  const nothing = [null, null];
  const values = [both, [alice!.userId, bob!.userId], nothing, ids.slice(2), ['three', 'four'], [newId(), newId()], nothing, nothing];
  expect((await chat.sql.query(STORE_MESSAGES, values)).rows.map(({ outcome }: { outcome: string }) => outcome)).toEqual([
    'stored',
    'stored',
  ]);
  expect(await bob!.send({ conversationId, content: 'five', replyToId: ids[3]! })).toMatchObject({ seq: 5, replyToId: ids[3] });
});

it('so do those of the build before that knows replies and mentions, and no attachments', async () => {
  const [alice, bob] = await chat.users(2);
  const [firstId, secondId, thirdId] = [newId(), newId(), newId()];
  const rest = () => [newId(), null, null];
  const toUser = 'select * from store_message_to_user($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)';
  const first = [bob!.userId, alice!.userId, 'key', firstId, 'one', null, [bob!.userId], ...rest(), newId(), newId(), true];
  const { rows } = await chat.sql.query<{ outcome: string; conversation_id: string }>(toUser, first);
  expect(rows).toMatchObject([{ outcome: 'stored', seq: 1 }]);
  const { conversation_id: conversationId } = rows[0]!;
  const one = 'select s.* from store_message($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) s';
  expect((await chat.sql.query(one, [conversationId, bob!.userId, null, secondId, 'two', firstId, null, ...rest()])).rows).toMatchObject([
    { outcome: 'stored', seq: 2 },
  ]);
  const many = 'select s.* from store_messages($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) s';
  const values = [[conversationId], [bob!.userId], [null], [thirdId], ['three'], [secondId], [null], [newId()], [null], [null]];
  expect((await chat.sql.query(many, values)).rows).toMatchObject([{ outcome: 'stored', seq: 3 }]);
  expect(await bob!.message(thirdId)).toMatchObject({ replyToId: secondId, attachments: [] });
  // A retry of a message with attachments by a process that does not know them is another message.
  const attachmentIds = await new TestFiles(chat).uploads(alice!, 1);
  await alice!.send({ conversationId, content: 'x', attachmentIds, clientMessageId: 'with a file' });
  const again = [conversationId, alice!.userId, 'with a file', newId(), 'x', null, null, ...rest()];
  expect((await chat.sql.query(one, again)).rows).toMatchObject([{ outcome: 'conflict' }]);
});
