import type { SendMessageRequest } from '@chat/shared/contracts';
import { newId } from '@chat/shared/database';
import { AppError } from '@chat/shared/errors';
import type { RpcClient } from '@chat/shared/rpc';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Chat, sendByRpc } from './kit/chat.js';
import { locked } from './kit/locked.js';
import type { TestUser } from './kit/test-user.js';

let chat: Chat;
let client: RpcClient;
beforeAll(async () => {
  chat = await Chat.start();
  client = chat.rpcClient();
});
afterAll(async () => {
  client?.close();
  await chat?.stop();
});

/** The seq of the stored message, or the kind of the error. */
const send = (user: TestUser, request: SendMessageRequest): Promise<number | string> =>
  sendByRpc(client, request, { token: user.token }).then(
    ({ seq }) => seq,
    (error: unknown) => (error as AppError).kind,
  );
const conversations = (id: string) => ['select 1 from conversations where id = $1 for update', [id]] as const;
const members = (id: string, userId: string) =>
  ['select 1 from members where conversation_id = $1 and user_id = $2 for update', [id, userId]] as const;

describe('a lock that another transaction holds for long delays only what needs it', () => {
  it.each(['conversation', 'member'] as const)(
    'a locked %s: the messages of others are stored, its own later and in order',
    async (what) => {
      const [alice, bob, ...others] = (await chat.users(6)) as [TestUser, TestUser, ...TestUser[]];
      const { conversationId } = await alice.send({ receiverId: bob.userId, content: '1' });
      const groups = await Promise.all(others.map((other) => chat.group([other, alice])));
      const lock = what === 'conversation' ? conversations(conversationId) : members(conversationId, alice.userId);
      const own = await locked(chat, lock, async () => {
        let isAnswered = false;
        const toBob = Array.from({ length: 20 }, (_, i) => {
          const address = [{ receiverId: bob.userId }, { conversationId }, { receiverId: bob.userId, conversationId }][i % 3];
          return send(alice, { ...address, content: `${i + 2}` }).finally(() => (isAnswered = true));
        });
        for (let round = 1; round <= 3; round++) {
          // Among the others, Alice herself.
          const answers = others.flatMap((other, i) => [
            send(other, { conversationId: groups[i]!, content: `${round}` }),
            send(alice, { conversationId: groups[i]!, content: `${round}` }),
          ]);
          expect((await Promise.all(answers)).filter((answer) => typeof answer === 'string')).toEqual([]);
        }
        expect(isAnswered).toBe(false);
        toBob.push(send(alice, { conversationId, content: '22' }));
        return toBob;
      });
      expect(await Promise.all(own)).toEqual(Array.from({ length: 21 }, (_, i) => i + 2));
    },
  );

  it('a locked key: the messages of others are stored', async () => {
    const [alice, bob, carol] = (await chat.users(3)) as [TestUser, TestUser, TestUser];
    const [own, other] = await Promise.all([chat.group([alice, bob]), chat.group([bob, carol])]);
    const insert = `insert into messages (id, conversation_id, seq, sender_id, client_message_id, content, created_at) values ($1, $2, 1, $3, 'key', '', now())`;
    const answers = await locked(chat, [insert, [newId(), newId(), alice.userId]], async () => {
      const ofAlice = ['key', 'free'].map((clientMessageId) => send(alice, { conversationId: own, content: 'x', clientMessageId }));
      for (let i = 1; i <= 5; i++) expect(await send(bob, { conversationId: other, content: 'x' })).toBe(i);
      return ofAlice;
    });
    expect(await Promise.all(answers)).toEqual([1, 2]);
  });

  it('a conversation that another transaction creates: the messages of others are stored, its own later and in order', async () => {
    const [alice, bob, carol, dave] = (await chat.users(4)) as [TestUser, TestUser, TestUser, TestUser];
    // Known receivers, so that auth-service is not asked.
    for (const { userId } of [bob, dave]) await chat.sql.query('insert into users values ($1, now())', [userId]);
    const open = 'select find_or_create_direct_conversation($1, $2, $3, $4, null, null, true)';
    const answers = await locked(
      chat,
      [open, [bob.userId, alice.userId, newId(), newId()]],
      async () => {
        const ofAlice = [1, 2, 3].map((content) => send(alice, { receiverId: bob.userId, content: `${content}` }));
        for (let i = 1; i <= 5; i++) expect(await send(carol, { receiverId: dave.userId, content: `${i}` })).toBe(i);
        return ofAlice;
      },
      'commit',
    );
    expect(await Promise.all(answers)).toEqual([1, 2, 3]);
  });

  it('receipts and conversations: 60 requests that need a lock leave the connections to the reads of others, and end as UNAVAILABLE', async () => {
    const [alice, bob, carol] = (await chat.users(3)) as [TestUser, TestUser, TestUser];
    await carol.send({ receiverId: alice.userId, content: 'carol is known' });
    const { conversationId } = await alice.send({ receiverId: bob.userId, content: '1' });
    const toCarol = newId();
    const lock = `with opened as (select find_or_create_direct_conversation($1, $2, $3, $4, null, null, true)) select 1 from opened, members where user_id = $2 for update of members`;
    const waiting = await locked(chat, [lock, [carol.userId, bob.userId, toCarol, newId()]], async () => {
      const requests = Array.from({ length: 30 }, () => [
        bob.request('PATCH', `/chat/conversations/${conversationId}/read`, { seq: 1 }),
        bob.request('POST', '/chat/conversations', { receiverId: carol.userId }),
      ]).flat();
      for (let i = 0; i < 20; i++) expect((await carol.request('GET', '/chat/conversations')).status).toBe(200);
      return Promise.all(requests);
    });
    expect(waiting).toEqual(waiting.map(() => expect.objectContaining({ status: 503 })));
    expect(await bob.markRead(conversationId, 1)).toMatchObject({ unreadCount: 0 });
    await bob.must('POST', '/chat/conversations', { receiverId: carol.userId });
  });

  it('is UNAVAILABLE at the deadline, and nothing is stored', async () => {
    const [alice, bob] = (await chat.users(2)) as [TestUser, TestUser];
    const { conversationId } = await alice.send({ receiverId: bob.userId, content: '1' });
    await locked(chat, conversations(conversationId), async () => {
      expect(await Promise.all([send(alice, { conversationId, content: '2' }), send(bob, { conversationId, content: '2' })])).toEqual([
        'unavailable',
        'unavailable',
      ]);
    });
    expect(await send(alice, { conversationId, content: '2' })).toBe(2);
  });
});
