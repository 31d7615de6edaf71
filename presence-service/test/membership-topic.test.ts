import { eventually } from '@chat/shared/testing';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { conversationCreated, messageCreated } from './kit/other-services.js';
import { RunningPresence } from './kit/running-presence.js';

let presence: RunningPresence;

beforeAll(async () => {
  presence = await RunningPresence.start(14, 0);
});
afterAll(() => presence?.stop());

it('a new service learns the conversations that were created before it', async () => {
  const [ada, ben, eventId] = [randomUUID(), randomUUID(), randomUUID()];
  await presence.others.publish(conversationCreated([ada, ben], randomUUID(), eventId));
  await eventually(async () => (await presence.dataSource.query('select 1 from outbox')).length === 0);
  await presence.startInstance();
  await presence.others.untilHandled(eventId);
  expect(await presence.rowsOf(ada)).toBe(1);
  expect(await presence.rowsOf(ben)).toBe(1);
});

it('a new conversation moves a position of presence-service, and messages move none', async () => {
  const before = await assigned(4);
  const [ada, ben, conversationId] = [randomUUID(), randomUUID(), randomUUID()];
  for (let seq = 1; seq <= 20; seq++) await presence.others.publish(messageCreated(conversationId, seq));
  await presence.others.publishConversation([ada, ben]);
  expect(await presence.rowsOf(ada)).toBe(1);
  expect(await positions()).toEqual({ ...before, 'chat.membership': before['chat.membership']! + 1 });
  expect(Object.keys(before).toSorted()).toEqual(['auth.user', 'chat.membership', 'chat.user', 'profile.profile']);
});

/** The positions as soon as there are those of so many topics. */
function assigned(topics: number): Promise<Record<string, number>> {
  return eventually(async () => {
    const found = await positions();
    return Object.keys(found).length === topics && found;
  });
}

/** How many records of each topic the service has read. */
async function positions(): Promise<Record<string, number>> {
  const rows = await presence.dataSource.query<{ topic: string; read: number }[]>(
    'select topic, sum(next_offset)::int as read from consumer_positions group by topic',
  );
  return Object.fromEntries(rows.map(({ topic, read }) => [topic, read]));
}
