import type { ChatMessage } from '@chat/shared/contracts';
import { newId } from '@chat/shared/database';
import { AppError } from '@chat/shared/errors';
import type { RpcClient } from '@chat/shared/rpc';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Chat, eventually, sendByRpc } from './kit/chat.js';
import type { TestUser } from './kit/test-user.js';

const ROUNDS = 60;

/** Two instances on one database: two writers that use the same conversations and keys. */
let chat: Chat;
let other: Chat;
let clients: RpcClient[];
beforeAll(async () => {
  chat = await Chat.start();
  other = await Chat.start({ throughProxy: () => chat.database.config, hasOtherRelay: true });
  clients = [chat.rpcClient(), other.rpcClient()];
});
afterAll(async () => {
  clients?.forEach((client) => client.close());
  await other?.stop();
  await chat?.stop();
});

/** As a client does: a send that is UNAVAILABLE, beyond its deadline on a busy machine, is retried with the same key. */
async function sendUntilAnswered(client: RpcClient, request: Record<string, unknown>, token: string): Promise<ChatMessage> {
  for (;;) {
    try {
      return await sendByRpc(client, request, { token });
    } catch (error) {
      if ((error as AppError).kind !== 'unavailable') throw error;
    }
  }
}

describe('many concurrent writers on two instances', () => {
  it('store dense seqs, one message for each key, the outbox in the order of seq, no message after a removal, without deadlock', async () => {
    const users = await chat.users(6);
    for (const user of users) other.tokens.addAccount({ userId: user.userId });
    const groups = await Promise.all([0, 1, 2, 3].map(() => chat.group(users)));
    const sent: ChatMessage[] = [];
    const refused: string[] = [];
    const byKey = new Map<string, string>();

    const one = async (client: RpcClient, user: TestUser, request: Record<string, unknown>) => {
      try {
        const message = await sendUntilAnswered(client, request, await tokenFor(client, user));
        sent.push(message);
        if (message.clientMessageId === null) return;
        const key = `${message.senderId} ${message.clientMessageId}`;
        expect(byKey.get(key) ?? message.id).toBe(message.id);
        byKey.set(key, message.id);
      } catch (error) {
        refused.push((error as AppError).kind);
      }
    };
    // The same user on both instances: each has an issuer of its own.
    const tokens = new Map<string, string>();
    const tokenFor = async (client: RpcClient, user: TestUser) => {
      if (client === clients[0]) return user.token;
      const token = tokens.get(user.userId) ?? (await other.tokens.issue({ userId: user.userId }));
      tokens.set(user.userId, token);
      return token;
    };

    let removedAt: Promise<void> = Promise.resolve();
    const removed = { conversationId: groups[3]!, user: users[5]!, lastSeq: 0 };
    await Promise.all(
      users.map(async (user, index) => {
        for (let round = 0; round < ROUNDS; round++) {
          const burst = 1 + ((round * 7 + index * 3) % 20);
          await Promise.all(
            Array.from({ length: burst }, (_, i) => {
              const to = users[(index + 1 + (i % 5)) % 6]!;
              const target = i % 3 === 0 && to !== user ? { receiverId: to.userId } : { conversationId: groups[(i + round) % 4] };
              // A third of the keys is used again, some of them for another message.
              const clientMessageId = i % 3 === 2 ? `key ${round % 10} ${i % 5}` : newId();
              const content = i % 11 === 5 ? `other ${round}` : `content ${i % 5}`;
              return one(clients[(i + index) % 2]!, user, { ...target, content, clientMessageId });
            }),
          );
          if (index === 0 && round === ROUNDS / 2)
            removedAt = chat.sql
              .query('delete from members where conversation_id = $1 and user_id = $2', [removed.conversationId, removed.user.userId])
              .then(async () => {
                const [row] = await chat.rows<{ last_seq: number }>('select last_seq from conversations where id = $1 for update', [
                  removed.conversationId,
                ]);
                removed.lastSeq = row!.last_seq;
              });
        }
      }),
    );
    await removedAt;

    expect(new Set(refused)).toEqual(new Set(['conflict', 'not-found']));
    const conversations = await chat.rows<{ id: string; last_seq: number; messages: number; highest: number }>(`
      select c.id, c.last_seq, count(m.id)::int as messages, coalesce(max(m.seq), 0) as highest
        from conversations c left join messages m on m.conversation_id = c.id group by c.id`);
    expect(conversations).toHaveLength(4 + 15);
    for (const { last_seq, messages, highest } of conversations) expect([messages, highest]).toEqual([last_seq, last_seq]);

    const stored = await chat.rows<{ id: string }>('select id from messages');
    expect(new Set(sent.map(({ id }) => id))).toEqual(new Set(stored.map(({ id }) => id)));

    const outOfOrder = await chat.rows(`
      select * from (
        select key, (payload::json->>'seq')::int as seq, row_number() over (partition by key order by id) as place
          from outbox where type = 'MessageCreated') o
        where seq <> place`);
    expect(outOfOrder).toEqual([]);
    const published = await chat.rows<{ count: number }>(`select count(*)::int from outbox where type = 'MessageCreated'`);
    expect(published[0]!.count).toBe(stored.length);
    const firsts = await chat.rows<{ type: string }>(`
      select distinct on (key) o.type from outbox o join conversations c on c.id::text = o.key where c.kind = 'DIRECT' order by key, o.id`);
    expect(firsts.map(({ type }) => type)).toEqual(Array.from({ length: 15 }, () => 'ConversationCreated'));
    await eventually(async () => {
      const memberships = await chat.rows<{ key: string }>(`select key from outbox where topic = 'chat.membership'`);
      expect(memberships).toHaveLength(15);
      expect(new Set(memberships.map(({ key }) => key)).size).toBe(15);
    });

    const late = await chat.rows('select 1 from messages where conversation_id = $1 and sender_id = $2 and seq > $3', [
      removed.conversationId,
      removed.user.userId,
      removed.lastSeq,
    ]);
    expect(late).toEqual([]);
    const behind = await chat.rows(`
      select 1 from members b join messages m on m.conversation_id = b.conversation_id and m.sender_id = b.user_id and m.seq > b.last_read_seq`);
    expect(behind).toEqual([]);
  });
});

describe('an instance that stops', () => {
  it('stores and answers the messages that it has started', async () => {
    const [alice, bob] = (await chat.users(2)) as [TestUser, TestUser];
    const { conversationId } = await alice.send({ receiverId: bob.userId, content: 'first' });
    const token = await other.tokens.issue({ userId: alice.userId });
    const send = (content: string) =>
      sendByRpc(clients[1]!, { conversationId, content }, { token }).then(
        ({ id }) => id,
        () => undefined,
      );
    await send('second');
    const answers = Array.from({ length: 500 }, (_, i) => send(`message ${i}`));
    await Promise.race(answers);
    await other.service.stop();
    const answered = (await Promise.all(answers)).filter((id) => id !== undefined);
    expect(answered.length).toBeGreaterThan(0);
    const stored = await chat.rows<{ id: string }>(`select id from messages where conversation_id = $1 and content like 'message %'`, [
      conversationId,
    ]);
    expect(stored.map(({ id }) => id).sort()).toEqual(answered.sort());
  });
});
