import { appendToOutbox } from '@chat/shared/outbox';
import { eventually } from '@chat/shared/testing';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TestProfileService } from './kit/profile-service.js';

let profiles: TestProfileService;

beforeAll(async () => {
  profiles = await TestProfileService.start();
});
afterAll(() => profiles?.stop());

/** How many records of each topic the service has read. */
async function positions(): Promise<Record<string, number>> {
  const rows = await profiles.dataSource.query<{ topic: string; read: number }[]>(
    `select topic, sum(next_offset)::int as read from consumer_positions where consumer_group like '%profile' group by topic`,
  );
  return Object.fromEntries(rows.map(({ topic, read }) => [topic, read]));
}

it('a new conversation moves a position of profile-service, and messages move none', async () => {
  await profiles.waitUntilConsumed(await profiles.publishConversation([randomUUID(), randomUUID()]));
  const before = await eventually(async () => {
    const found = await positions();
    return Object.keys(found).length === 3 && found;
  });
  const ids = {
    messageId: randomUUID(),
    conversationId: randomUUID(),
    senderId: randomUUID(),
    receiverId: null,
    replyToId: null,
    mentions: [],
    attachments: [],
  };
  for (let seq = 1; seq <= 20; seq++) {
    const payload = { ...ids, seq, content: 'hello', clientMessageId: null, createdAt: new Date().toISOString() };
    await appendToOutbox(profiles.dataSource, { type: 'MessageCreated', key: ids.conversationId, payload });
  }
  await profiles.waitUntilConsumed(await profiles.publishConversation([randomUUID(), randomUUID()]));
  expect(await positions()).toEqual({ ...before, 'chat.membership': before['chat.membership']! + 1 });
  expect(Object.keys(before).toSorted()).toEqual(['auth.user', 'chat.membership', 'chat.user']);
});
