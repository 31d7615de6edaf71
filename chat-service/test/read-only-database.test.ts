import type { ChatMessage, SendMessageRequest } from '@chat/shared/contracts';
import { newId } from '@chat/shared/database';
import type { RpcClient } from '@chat/shared/rpc';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { SendQueries } from '../src/database/queries.js';
import { Chat, eventually, sendByRpc } from './kit/chat.js';
import type { TestUser } from './kit/test-user.js';

let chat: Chat;
let client: RpcClient;
beforeAll(async () => {
  chat = await Chat.start();
  client = chat.rpcClient();
});
afterEach(async () => {
  vi.restoreAllMocks();
  await setReadOnly('off');
});
afterAll(async () => {
  client?.close();
  await chat?.stop();
});

const send = (user: TestUser, request: SendMessageRequest): Promise<ChatMessage> => sendByRpc(client, request, { token: user.token });

/** As after a failover behind a proxy: the connections are new, and the database takes no writes. */
async function setReadOnly(value: 'on' | 'off'): Promise<void> {
  await chat.sql.query(`alter database ${chat.database.config.name} set default_transaction_read_only = ${value}`);
  await chat.sql.query(`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and usename = $1`, [
    chat.database.config.username,
  ]);
  await eventually(async () => {
    const queries = chat.service.app.get(SendQueries, { strict: false });
    const row = await queries.row<{ value: string }>(
      { name: 'read_only', text: `select current_setting('transaction_read_only') as value` },
      [],
    );
    return row!.value === value;
  });
}

it('a read-only database: every change is UNAVAILABLE, reads are answered, and retries succeed afterwards', async () => {
  const [alice, bob, carol] = (await chat.users(3)) as [TestUser, TestUser, TestUser];
  const { conversationId, id } = await alice.send({ receiverId: bob.userId, content: 'before' });
  await setReadOnly('on');
  const requests = Array.from({ length: 20 }, (_, i) => ({ conversationId, content: `${i}`, clientMessageId: newId() }));
  const failures = await Promise.all(requests.map((request) => send(alice, request).catch((error: unknown) => error)));
  for (const failure of failures) expect(failure).toMatchObject({ kind: 'unavailable' });
  for (const [method, path, body] of [
    ['POST', '/chat/messages', { receiverId: carol.userId, content: 'first' }],
    ['POST', '/chat/conversations', { receiverId: carol.userId }],
    ['PATCH', `/chat/conversations/${conversationId}/read`, { seq: 1 }],
    ['PATCH', `/chat/messages/${id}/read`, undefined],
  ] as const)
    expect([path, await bob.request(method, path, body)]).toMatchObject([path, { status: 503, body: { code: 'UNAVAILABLE' } }]);
  expect(await bob.conversation(conversationId)).toMatchObject({ lastSeq: 1, unreadCount: 1 });

  await setReadOnly('off');
  const sent = await Promise.all(requests.map((request) => send(alice, request)));
  expect(sent.map(({ seq }) => seq)).toEqual(requests.map((_, i) => i + 2));
  await bob.send({ receiverId: carol.userId, content: 'first' });
});

it('a batch is not tried one by one against a read-only database', async () => {
  const [alice, ...others] = (await chat.users(30)) as [TestUser, ...TestUser[]];
  for (const { userId } of others) await chat.sql.query('insert into users values ($1, now())', [userId]);
  await alice.send({ receiverId: others[0]!.userId, content: 'so that the token is verified' });
  await setReadOnly('on');
  const attempts = vi.spyOn(chat.service.app.get(SendQueries, { strict: false }), 'row');
  const first = others.slice(1).map(({ userId }) => send(alice, { receiverId: userId, content: 'first' }).catch((error: unknown) => error));
  for (const failure of await Promise.all(first)) expect(failure).toMatchObject({ kind: 'unavailable' });
  expect(attempts.mock.calls.length).toBeLessThan(10);
});
