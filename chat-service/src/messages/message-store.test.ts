import { AppError } from '@chat/shared/errors';
import { expect, it } from 'vitest';
import { rowLocked } from '../database/locks.js';
import { type Addressed, MessageStore } from './message-store.js';

/** A store whose statements end one after the other as given; the last one repeats. */
function setUp(...results: (Error | 'stored')[]) {
  const statements: string[] = [];
  const run = async ({ name }: { name: string }) => {
    const result = results[Math.min(statements.push(name), results.length) - 1]!;
    if (result instanceof Error) throw result;
    return { outcome: result };
  };
  return { statements, store: new MessageStore({ rows: run, row: run } as never, { isActive: true, offer: () => undefined } as never) };
}

const send = (userId: string, conversationId: string): Addressed => ({
  sender: { userId, sessionId: '', token: '', kind: 'user' },
  receiverId: null,
  conversationId,
  clientMessageId: null,
  content: 'x',
  replyToId: null,
  mentions: null,
  attachmentIds: null,
  correlationId: null,
  traceparent: null,
});
const fault = new Error('a fault of one of them');
const unavailable = new AppError('unavailable', 'database/unavailable', '');

it('tries the messages of a batch that failed one by one, but only until the database is unavailable', async () => {
  const { store, statements } = setUp(fault, 'stored', unavailable);
  const outcomes = await store.storeAll(['1', '2', '3', '4'].map((id) => send('ada', id)));
  expect(statements).toEqual(['store_messages', 'store_message', 'store_message']);
  const rejected = { status: 'rejected', reason: unavailable };
  expect(outcomes).toEqual([{ status: 'fulfilled', value: { outcome: 'stored' } }, rejected, rejected, rejected]);
});

it('does not try the messages of a batch one by one when the database is unavailable', async () => {
  const { store, statements } = setUp(unavailable);
  const outcomes = await store.storeAll(['1', '2', '3'].map((id) => send('ada', id)));
  expect(statements).toEqual(['store_messages']);
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
});

it('defers a message that needs a lock, and later ones of its sender in its conversation; the others are stored', async () => {
  const { store, statements } = setUp(rowLocked(), rowLocked(), 'stored');
  const outcomes = await store.storeAll([send('ada', '1'), send('ben', '1'), send('ada', '1'), send('ada', '2')]);
  expect(statements).toEqual(['store_messages', 'store_message', 'store_message', 'store_message']);
  expect(outcomes.map(({ status }) => status)).toEqual(['deferred', 'fulfilled', 'deferred', 'fulfilled']);
});
