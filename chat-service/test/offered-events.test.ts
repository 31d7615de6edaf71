import { OutboxRelay } from '@chat/shared/outbox';
import { expect, it, onTestFinished, vi } from 'vitest';
import { Chat } from './kit/chat.js';

interface OutboxRow {
  id: string;
  topic: string;
  key: string;
  type: string;
  eventId: string;
  payload: string;
  correlationId: string | null;
  traceparent: string | null;
}

it('the relay is offered the rows that the functions have written to the outbox, for a message alone and for many together', async () => {
  const offer = vi.spyOn(OutboxRelay.prototype, 'offer');
  const chat = await Chat.start();
  onTestFinished(async () => {
    offer.mockRestore();
    await chat.stop();
  });
  const [alice, bob] = await chat.users(2);
  const { conversationId } = await alice!.send({ receiverId: bob!.userId, content: 'creates the conversation' });
  await bob!.send({ conversationId, content: 'with "quotes", é, 😀 and\u2028lines', clientMessageId: 'key' });
  await Promise.all(Array.from({ length: 20 }, (_, n) => (n % 2 ? alice! : bob!).send({ conversationId, content: `message ${n}` })));

  const offers = offer.mock.calls.map(([committed]) => committed);
  expect(offers.map(({ rows }) => rows.length)).toContain(1);
  expect(Math.max(...offers.map(({ rows }) => rows.length))).toBeGreaterThan(1);
  for (const { rows, lastId } of offers) {
    const { rows: written } = await chat.sql.query<OutboxRow>(
      `select id, topic, key, type, event_id as "eventId", payload, correlation_id as "correlationId", traceparent
         from outbox where id > $1 and id <= $2 order by id`,
      [lastId - rows.length, lastId],
    );
    expect(rows.map(({ createdAt: _createdAt, payload, ...row }) => ({ ...row, payload: JSON.parse(payload) as unknown }))).toEqual(
      written.map(({ id: _id, payload, ...row }) => ({ ...row, payload: JSON.parse(payload) as unknown })),
    );
  }
});
