import type { SendMessageRequest } from '@chat/shared/contracts';
import { newId } from '@chat/shared/database';
import type { RpcClient } from '@chat/shared/rpc';
import { FaultProxy } from '@chat/testkit/fault-proxy';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Chat, sendByRpc } from './kit/chat.js';
import type { TestUser } from './kit/test-user.js';

const ROUNDS = 24;

let chat: Chat;
let client: RpcClient;
let authService: FaultProxy;
beforeAll(async () => {
  chat = await Chat.start({
    authServiceUrl: async (url) => {
      authService = await FaultProxy.start(url);
      return authService.urlFor(url).replace(/\/$/, '');
    },
  });
  client = chat.rpcClient();
});
afterAll(async () => {
  client?.close();
  await chat?.stop();
  await authService?.close();
});

/** Sends all of them at once on one connection, and returns their seqs in the order in which they were sent. */
async function seqsOf(sender: TestUser, requests: Omit<SendMessageRequest, 'content'>[]): Promise<number[]> {
  const sent = await Promise.all(
    requests.map((request, i) => sendByRpc(client, { ...request, content: `message ${i + 1}` }, { token: sender.token })),
  );
  return sent.map(({ seq }) => seq);
}

/** A conversation that this instance has not used yet, as after a restart or when another instance created it. */
async function conversationOf(one: TestUser, other: TestUser): Promise<string> {
  const [row] = await chat.rows<{ id: string }>('select find_or_create_direct_conversation($1, $2, $3, $4, null, null, true) as id', [
    one.userId,
    other.userId,
    newId(),
    newId(),
  ]);
  return row!.id;
}

describe('messages that one client sends on one connection are stored in the order in which they were received', () => {
  it('when the first one creates the conversation', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const [alice, bob] = (await chat.users(2)) as [TestUser, TestUser];
      expect(
        await seqsOf(
          alice,
          Array.from({ length: 5 }, () => ({ receiverId: bob.userId })),
        ),
      ).toEqual([1, 2, 3, 4, 5]);
    }
  });

  it('when the conversation exists and must be found', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const [alice, bob] = (await chat.users(2)) as [TestUser, TestUser];
      await conversationOf(alice, bob);
      expect(
        await seqsOf(
          alice,
          Array.from({ length: 5 }, () => ({ receiverId: bob.userId })),
        ),
      ).toEqual([1, 2, 3, 4, 5]);
    }
  });

  it('when some name the receiver and others the conversation', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const [alice, bob] = (await chat.users(2)) as [TestUser, TestUser];
      const [receiverId, conversationId] = [bob.userId, await conversationOf(alice, bob)];
      const requests = [{ receiverId }, { conversationId }, { receiverId, conversationId }, { receiverId }, { conversationId }];
      expect(await seqsOf(alice, requests)).toEqual([1, 2, 3, 4, 5]);
    }
  });

  it('when later ones arrive while the first one is being stored', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const [alice, bob] = (await chat.users(2)) as [TestUser, TestUser];
      const seqs: Promise<number[]>[] = [];
      for (let part = 0; part < 10; part++) {
        seqs.push(seqsOf(alice, [{ receiverId: bob.userId }, { receiverId: bob.userId }]));
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect((await Promise.all(seqs)).flat()).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
    }
  });

  it('while the sender writes to other users, too', async () => {
    const [alice, ...others] = (await chat.users(9)) as [TestUser, ...TestUser[]];
    const seqs = await seqsOf(
      alice,
      Array.from({ length: 64 }, (_, i) => ({ receiverId: others[i % 8]!.userId })),
    );
    expect(seqs).toEqual(Array.from({ length: 64 }, (_, i) => Math.floor(i / 8) + 1));
  });

  // Without an order of their own, message 3 would be stored while auth-service has not answered for messages 1 and 2.
  it('when the receiver becomes known while auth-service is asked; messages to other users do not wait', async () => {
    const [alice, bob, carol] = (await chat.users(3)) as [TestUser, TestUser, TestUser];
    await seqsOf(alice, [{ receiverId: bob.userId }]);
    authService.stall();
    let answered = false;
    const first = seqsOf(alice, [{ receiverId: carol.userId }, { receiverId: carol.userId }]).finally(() => (answered = true));
    expect(await seqsOf(alice, [{ receiverId: bob.userId }])).toEqual([2]);
    await chat.sql.query('insert into users (user_id, registered_at) values ($1, now())', [carol.userId]);
    const last = seqsOf(alice, [{ receiverId: carol.userId }]);
    expect(await seqsOf(alice, [{ receiverId: bob.userId }])).toEqual([3]);
    expect(answered).toBe(false);
    authService.resume();
    expect([...(await first), ...(await last)]).toEqual([1, 2, 3]);
  });

  it('when the conversation is created by another client while auth-service is asked, and a later one names it', async () => {
    const [alice, bob] = (await chat.users(2)) as [TestUser, TestUser];
    authService.stall();
    const first = seqsOf(alice, [{ receiverId: bob.userId }]);
    // A round trip of the same connection: the message has been received.
    await expect(sendByRpc(client, {}, { token: alice.token })).rejects.toMatchObject({ kind: 'invalid' });
    const conversationId = await conversationOf(bob, alice);
    const last = seqsOf(alice, [{ conversationId }, { receiverId: bob.userId }, { conversationId }]);
    expect(await seqsOf(alice, [{ conversationId: await chat.group([alice, bob]) }])).toEqual([1]);
    authService.resume();
    expect([...(await first), ...(await last)]).toEqual([1, 2, 3, 4]);
  });

  it('without waiting for the other user, whose messages need no answer of auth-service', async () => {
    const [alice, bob] = (await chat.users(2)) as [TestUser, TestUser];
    await chat.sql.query('insert into users (user_id, registered_at) values ($1, now())', [alice.userId]);
    authService.stall();
    const toBob = seqsOf(alice, [{ receiverId: bob.userId }, { receiverId: bob.userId }]);
    // A round trip of the same connection: the messages to Bob have been received.
    await expect(sendByRpc(client, {}, { token: alice.token })).rejects.toMatchObject({ kind: 'invalid' });
    expect(await seqsOf(bob, [{ receiverId: alice.userId }])).toEqual([1]);
    authService.resume();
    expect(await toBob).toEqual([2, 3]);
  });
});
