import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createKafka, topicOf } from '../../src/kafka/index.js';
import { appendToOutbox } from '../../src/outbox/index.js';
import { eventually } from '../../src/testing/index.js';
import { World } from '../kit/event-world.js';
import { log } from '../kit/log.js';

let world: World;
beforeEach(async () => {
  world = await World.create();
});
afterEach(() => world.end());

it('an event with two topics is published on both, or on none', async () => {
  const [conversationId, eventId, userId] = [randomUUID(), randomUUID(), randomUUID()];
  const members = [{ userId, role: 'OWNER' }];
  const payload = { conversationId, kind: 'GROUP', title: null, members, createdBy: userId, createdAt: new Date().toISOString() };
  await world.dataSource.transaction((manager) =>
    appendToOutbox(manager, { type: 'ConversationCreated', key: conversationId, payload, eventId }),
  );
  expect(await world.dataSource.query('select topic, key, event_id from outbox order by id')).toEqual(
    ['chat.conversation', 'chat.membership'].map((topic) => ({ topic, key: conversationId, event_id: eventId })),
  );
  const transactions = await world.dataSource.query('select distinct tx from outbox');
  expect(transactions).toHaveLength(1);

  world.relay();
  await eventually(async () => expect(await world.outboxSize()).toBe(0));
  const admin = createKafka(world.config, 'test', log).admin();
  await admin.connect();
  for (const topic of ['chat.conversation', 'chat.membership']) {
    const offsets = await admin.fetchTopicOffsets(topicOf(world.config, topic));
    expect(offsets.reduce((sum, { high }) => sum + Number(high), 0)).toBe(1);
  }
  await admin.disconnect();
});
