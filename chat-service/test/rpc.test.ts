import type { ChatMessage, SendMessageRequest } from '@chat/shared/contracts';
import { DatabaseConfig } from '@chat/shared/config';
import { newId } from '@chat/shared/database';
import type { RpcClient } from '@chat/shared/rpc';
import { testInfra } from '@chat/shared/testing';
import { FaultProxy } from '@chat/testkit/fault-proxy';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Chat, eventually, sendByRpc } from './kit/chat.js';
import type { TestUser } from './kit/test-user.js';

let proxy: FaultProxy;
let chat: Chat;
let client: RpcClient;
beforeAll(async () => {
  proxy = await FaultProxy.start(testInfra().postgresUrl, 5432);
  const throughProxy = (config: DatabaseConfig) => Object.assign(new DatabaseConfig(), config, { host: '127.0.0.1', port: proxy.port });
  chat = await Chat.start({ throughProxy });
  client = chat.rpcClient();
});
afterAll(async () => {
  client?.close();
  proxy?.resume();
  await chat?.stop();
  await proxy?.close();
});

const send = (user: TestUser, request: Partial<SendMessageRequest> | Record<string, unknown>) =>
  sendByRpc(client, request, { token: user.token, correlationId: 'test-correlation', timeoutMs: 10_000 });

describe('sends by RPC', () => {
  it('follow the same rules as REST', async () => {
    const [alice, bob] = (await chat.users(2)) as [TestUser, TestUser];
    const request = { receiverId: bob.userId, content: 'by RPC', clientMessageId: newId() };
    const sent = await send(alice, request);
    expect(await alice.send(request)).toEqual(sent);
    expect(await bob.must('GET', `/chat/messages/${sent.id}`)).toEqual(sent);
    const rows = await chat.rows<{ correlation_id: string }>('select correlation_id from outbox where key = $1', [sent.conversationId]);
    expect(rows.map((row) => row.correlation_id)).toEqual(['test-correlation', 'test-correlation', 'test-correlation']);

    await expect(send(alice, { ...request, content: 'other' })).rejects.toMatchObject({ kind: 'conflict' });
    await expect(send(alice, { receiverId: bob.userId, content: ' ' })).rejects.toMatchObject({ kind: 'invalid' });
    await expect(send(alice, { ...request, unknown: 1 })).rejects.toMatchObject({ kind: 'invalid' });
    await expect(send(alice, { receiverId: alice.userId, content: 'x' })).rejects.toMatchObject({ kind: 'invalid' });
    await expect(send(alice, { receiverId: newId(), content: 'x' })).rejects.toMatchObject({ kind: 'not-found' });
    await expect(send(alice, { conversationId: newId(), content: 'x' })).rejects.toMatchObject({ kind: 'not-found' });
    await expect(sendByRpc(client, null, { token: alice.token })).rejects.toMatchObject({ kind: 'invalid' });
  });

  it('reject a missing, forged, expired or MFA enrolment token', async () => {
    const alice = await chat.user();
    const expired = await chat.tokens.issue({ userId: alice.userId, expiresInSeconds: -10 });
    const enrolment = await chat.tokens.issue({ userId: alice.userId, type: 'mfa-enrollment+jwt' });
    for (const token of [null, '', 'x', `${alice.token.slice(0, -4)}AAAA`, expired, enrolment])
      await expect(sendByRpc(client, { receiverId: newId(), content: 'x' }, { token })).rejects.toMatchObject({
        kind: 'unauthenticated',
      });
  });

  it('of one sender are stored in the order of arrival in each conversation', async () => {
    const users = await chat.users(6);
    const [alice] = users as [TestUser];
    const conversationIds = await Promise.all([0, 1, 2].map(() => chat.group(users)));
    await send(alice, { conversationId: await chat.group(users), content: 'so that the token is verified' });
    const sent = await Promise.all(
      Array.from({ length: 600 }, (_, i) => send(alice, { conversationId: conversationIds[i % 3]!, content: `message ${i}` })),
    );
    for (const [position, conversationId] of conversationIds.entries()) {
      const seqs = sent.filter((_, i) => i % 3 === position).map(({ seq }) => seq);
      expect(seqs).toEqual(Array.from({ length: 200 }, (_, i) => i + 1));
      expect((await alice.conversation(conversationId)).unreadCount).toBe(0);
    }
  });
});

describe('without PostgreSQL', () => {
  afterEach(() => proxy.resume());

  it.each(['refuse', 'stall'] as const)(
    '(%s) sends and reads are UNAVAILABLE within 3 s, and recover without intervention',
    async (how) => {
      const [alice, bob] = (await chat.users(2)) as [TestUser, TestUser];
      const { conversationId } = await alice.send({ receiverId: bob.userId, content: 'before' });
      proxy[how]();
      const begin = performance.now();
      const requests = Array.from({ length: 20 }, (_, i) => ({ conversationId, content: `during ${i}`, clientMessageId: newId() }));
      const failures = await Promise.all(requests.map((request) => send(alice, request).catch((error: unknown) => error)));
      // The deadline of 3 s, and some time for a busy machine; without a deadline it would be minutes.
      expect(performance.now() - begin).toBeLessThan(6000);
      for (const failure of failures) expect(failure).toMatchObject({ kind: 'unavailable' });
      const reading = await alice.request('GET', `/chat/conversations/${conversationId}`);
      expect(reading).toMatchObject({ status: 503, body: { code: 'UNAVAILABLE' } });
      expect(JSON.stringify(reading.body)).not.toMatch(/127\.0\.0\.1|ECONN|timeout/);

      proxy.resume();
      await eventually(() => alice.send(requests[0]!));
      const answers = await Promise.all(requests.map((request) => send(alice, request)));
      expect(new Set(answers.map(({ id }) => id)).size).toBe(20);
      const { total, data } = await bob.must<{ total: number; data: ChatMessage[] }>(
        'GET',
        `/chat/messages?conversationId=${conversationId}&limit=100`,
      );
      expect(total).toBe(21);
      expect(data.map(({ content }) => content).sort()).toEqual(['before', ...requests.map(({ content }) => content)].sort());
    },
  );

  it('the service is not ready until PostgreSQL is available again', async () => {
    const ready = async () => (await fetch(`${chat.service.url}/health/ready`)).status;
    expect(await ready()).toBe(200);
    proxy.refuse();
    await eventually(async () => (await ready()) === 503);
    proxy.resume();
    await eventually(async () => (await ready()) === 200);
  });
});
