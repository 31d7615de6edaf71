import { expect, it } from 'vitest';
import { MessageBatchWriter } from './message-batch-writer.js';
import type { PendingSend } from './message-store.js';

/** A writer whose database knows these users, and the direct conversations `c:<one>:<other>` of these pairs. */
function setUp(parts: { users?: string[]; pairs?: [string, string][]; requireUser?: () => Promise<void> }) {
  const ids = new Map<string, string>(
    (parts.pairs ?? []).flatMap(([a, b]) => [[a + b, `c:${a}:${b}`] as const, [b + a, `c:${a}:${b}`] as const]),
  );
  const queries: string[][] = [];
  const commits: string[][] = [];
  const stored = (send: PendingSend, conversation_id: string) => {
    const value = { outcome: 'stored' as const, message_id: send.content, conversation_id, seq: 1, receiver_id: null, sent_at: '' };
    return { status: 'fulfilled' as const, value };
  };
  const writer = new MessageBatchWriter(
    {} as never,
    {
      storeAll: async (sends: (PendingSend & { conversationId: string })[]) => {
        commits.push(sends.map(({ content }) => content));
        return sends.map((send) => stored(send, send.conversationId));
      },
      storeFirst: async (send: PendingSend) => {
        commits.push([send.content]);
        return stored(send, 'new');
      },
    } as never,
    {
      known: (a: string, b: string) => ids.get(a + b) ?? null,
      remember: (a: string, b: string, id: string) => void ids.set(a + b, id).set(b + a, id),
      lookUp: async () => undefined,
    } as never,
    {
      findKnown: async (_: unknown, userIds: string[]) => {
        queries.push(userIds);
        return new Set(userIds.filter((id) => parts.users?.includes(id)));
      },
      requireUser: parts.requireUser ?? (() => Promise.reject(new Error('no such user'))),
    } as never,
    { wake: () => undefined } as never,
  );
  const send = (from: string, to: string, content: string, conversationId: string | null = null, clientMessageId: string | null = null) =>
    writer.write({
      sender: { userId: from, sessionId: '', token: from, kind: 'user' },
      receiverId: to,
      conversationId,
      clientMessageId,
      content,
      replyToId: null,
      mentions: null,
      attachmentIds: null,
      correlationId: null,
      traceparent: null,
    });
  return { send, queries, commits, repeat: (content: string) => send('alice', 'bob', content, null, 'key') };
}

it('asks once for all unknown receivers of a batch, which share no transaction with the messages of others and do not divide theirs', async () => {
  const { send, queries, commits } = setUp({ pairs: [['alice', 'bob']] });
  const all = await Promise.allSettled([
    send('mallory', 'nobody1', 'm1'),
    send('alice', 'bob', 'a1'),
    send('mallory', 'nobody2', 'm2'),
    send('bob', 'alice', 'b1'),
    send('mallory', 'nobody1', 'm3'),
    send('mallory', 'alice', 'm4', 'c:alice:bob'),
    send('alice', 'bob', 'a2'),
  ]);
  expect(queries).toEqual([['nobody1', 'nobody2']]);
  expect(commits).toEqual([['a1', 'b1', 'a2']]);
  expect(all.map((result) => (result.status === 'rejected' ? 'rejected' : result.value.outcome))).toEqual([
    'rejected',
    'stored',
    'rejected',
    'stored',
    'rejected',
    'recipient-mismatch',
    'stored',
  ]);
});

it('does not make a user wait for the answer that another user needs, nor share its error', async () => {
  const { promise, reject } = Promise.withResolvers<void>();
  const { send } = setUp({ users: ['mallory'], requireUser: () => promise });
  const deferred = send('mallory', 'alice', 'm1').catch((error: Error) => error.message);
  expect(await send('alice', 'mallory', 'a1')).toMatchObject({ outcome: 'stored', message_id: 'a1' });
  reject(new Error('the session has ended'));
  expect(await deferred).toBe('the session has ended');
});

it('stores different messages with one clientMessageId one after the other, and lets only a few of them wait', async () => {
  const { repeat, commits } = setUp({ pairs: [['alice', 'bob']] });
  const contents = Array.from({ length: 50 }, (_, i) => `${i}`);
  const answers = await Promise.allSettled(contents.map(repeat));
  expect(commits).toEqual(contents.slice(0, 8).map((content) => [content]));
  expect(answers.map(({ status }) => status)).toEqual(contents.map((_, i) => (i < 8 ? 'fulfilled' : 'rejected')));
  expect(await repeat('50')).toMatchObject({ outcome: 'stored' });
});
