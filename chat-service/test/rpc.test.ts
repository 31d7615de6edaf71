import type { ChatMessage, SendMessageRequest } from '@chat/shared/contracts';
import { DatabaseConfig } from '@chat/shared/config';
import { newId } from '@chat/shared/database';
import type { RpcClient } from '@chat/shared/rpc';
import { testInfra } from '@chat/shared/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Chat, eventually, type Person, sendByRpc } from './kit/chat.js';
import { TcpProxy } from './kit/tcp-proxy.js';

let proxy: TcpProxy;
let chat: Chat;
let client: RpcClient;
beforeAll(async () => {
  const { hostname, port } = new URL(testInfra().postgresUrl);
  proxy = await TcpProxy.start(hostname, Number(port || 5432));
  const throughProxy = (config: DatabaseConfig) => Object.assign(new DatabaseConfig(), config, { host: '127.0.0.1', port: proxy.port });
  chat = await Chat.start({ throughProxy });
  client = chat.rpcClient();
});
afterAll(async () => {
  client?.close();
  proxy?.restore();
  await chat?.stop();
  await proxy?.close();
});

const send = (person: Person, request: Partial<SendMessageRequest> | Record<string, unknown>) =>
  sendByRpc(client, request, { token: person.token, correlationId: 'test-correlation', timeoutMs: 10_000 });

describe('the send port', () => {
  it('sends as REST does, under the same rules', async () => {
    const [alice, bob] = (await chat.people(2)) as [Person, Person];
    const request = { receiverId: bob.userId, content: 'over the send port', clientMessageId: newId() };
    const sent = await send(alice, request);
    expect(await alice.send(request)).toEqual(sent);
    expect(await bob.must('GET', `/chat/messages/${sent.id}`)).toEqual(sent);
    const rows = await chat.rows<{ correlation_id: string }>('select correlation_id from outbox where key = $1', [sent.conversationId]);
    expect(rows.map((row) => row.correlation_id)).toEqual(['test-correlation', 'test-correlation']);

    await expect(send(alice, { ...request, content: 'other' })).rejects.toMatchObject({ kind: 'conflict' });
    await expect(send(alice, { receiverId: bob.userId, content: ' ' })).rejects.toMatchObject({ kind: 'invalid' });
    await expect(send(alice, { ...request, unknown: 1 })).rejects.toMatchObject({ kind: 'invalid' });
    await expect(send(alice, { receiverId: alice.userId, content: 'x' })).rejects.toMatchObject({ kind: 'invalid' });
    await expect(send(alice, { receiverId: newId(), content: 'x' })).rejects.toMatchObject({ kind: 'not-found' });
    await expect(send(alice, { conversationId: newId(), content: 'x' })).rejects.toMatchObject({ kind: 'not-found' });
    await expect(sendByRpc(client, null, { token: alice.token })).rejects.toMatchObject({ kind: 'invalid' });
  });

  it('refuses a missing, forged, expired or setup token', async () => {
    const alice = await chat.person();
    const expired = await chat.tokens.issue({ userId: alice.userId, expiresInSeconds: -10 });
    const forSetup = await chat.tokens.issue({ userId: alice.userId, type: 'mfa-enrollment+jwt' });
    for (const token of [null, '', 'x', `${alice.token.slice(0, -4)}AAAA`, expired, forSetup])
      await expect(sendByRpc(client, { receiverId: newId(), content: 'x' }, { token })).rejects.toMatchObject({
        kind: 'unauthenticated',
      });
  });

  it('stores many of a known sender at once, each conversation in the order of arrival', async () => {
    const people = await chat.people(6);
    const [alice] = people as [Person];
    const conversationIds = await Promise.all([0, 1, 2].map(() => chat.group(people)));
    await send(alice, { conversationId: await chat.group(people), content: 'so that the token is known' });
    const sent = await Promise.all(
      Array.from({ length: 600 }, (_, i) => send(alice, { conversationId: conversationIds[i % 3]!, content: `message ${i}` })),
    );
    for (const [place, conversationId] of conversationIds.entries()) {
      const seqs = sent.filter((_, i) => i % 3 === place).map(({ seq }) => seq);
      expect(seqs).toEqual(Array.from({ length: 200 }, (_, i) => i + 1));
      expect((await alice.conversation(conversationId)).unreadCount).toBe(0);
    }
  });
});

describe('without PostgreSQL', () => {
  afterEach(() => proxy.restore());

  it.each(['cut', 'freeze'] as const)('(%s) sends are UNAVAILABLE within 3 s, reads too, and all recovers by itself', async (how) => {
    const [alice, bob] = (await chat.people(2)) as [Person, Person];
    const { conversationId } = await alice.send({ receiverId: bob.userId, content: 'before' });
    proxy[how]();
    const begin = performance.now();
    const requests = Array.from({ length: 20 }, (_, i) => ({ conversationId, content: `during ${i}`, clientMessageId: newId() }));
    const failures = await Promise.all(requests.map((request) => send(alice, request).catch((error: unknown) => error)));
    // The deadline of 3 s, and what a busy machine adds; without one it would be minutes.
    expect(performance.now() - begin).toBeLessThan(6000);
    for (const failure of failures) expect(failure).toMatchObject({ kind: 'unavailable' });
    const reading = await alice.request('GET', `/chat/conversations/${conversationId}`);
    expect(reading).toMatchObject({ status: 503, body: { code: 'UNAVAILABLE' } });
    expect(JSON.stringify(reading.body)).not.toMatch(/127\.0\.0\.1|ECONN|timeout/);

    proxy.restore();
    await eventually(() => alice.send(requests[0]!));
    const answers = await Promise.all(requests.map((request) => send(alice, request)));
    expect(new Set(answers.map(({ id }) => id)).size).toBe(20);
    const { total, data } = await bob.must<{ total: number; data: ChatMessage[] }>(
      'GET',
      `/chat/messages?conversationId=${conversationId}&limit=100`,
    );
    expect(total).toBe(21);
    expect(data.map(({ content }) => content).sort()).toEqual(['before', ...requests.map(({ content }) => content)].sort());
  });

  it('is not ready, and is again after its return', async () => {
    const ready = async () => (await fetch(`${chat.service.url}/health/ready`)).status;
    expect(await ready()).toBe(200);
    proxy.cut();
    await eventually(async () => (await ready()) === 503);
    proxy.restore();
    await eventually(async () => (await ready()) === 200);
  });
});
