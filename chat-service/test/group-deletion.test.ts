import { KafkaEventsStrategy, type ReceivedEvent } from '@chat/shared/consumer';
import { silentLog } from '@chat/shared/observability';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Chat, eventually } from './kit/chat.js';
import { ChatWithEvents } from './kit/chat-with-events.js';
import { TestGroup } from './kit/groups.js';
import { locked } from './kit/locked.js';
import type { TestUser } from './kit/test-user.js';

let world: ChatWithEvents;
let chat: Chat;
let consumer: KafkaEventsStrategy;
const received: ReceivedEvent[] = [];
beforeAll(async () => {
  world = await ChatWithEvents.start();
  ({ chat } = world);
  const { dataSource } = world;
  consumer = new KafkaEventsStrategy({
    group: 'presence',
    topics: ['chat.membership'],
    kafka: world.kafka,
    dataSource,
    logger: silentLog,
    onBatch: async (batch) => {
      await dataSource.transaction((manager) => batch.storePositions(manager));
      received.push(...batch.records);
    },
  });
  await new Promise<void>((resolve) => {
    consumer.listen(() => resolve());
  });
});
afterAll(async () => {
  await consumer?.close();
  await world?.stop();
});

const changesOf = (group: TestGroup) =>
  received.flatMap((event) => (event.type === 'MembersChanged' && event.key === group.id ? [event.payload] : []));

it('a deleted user leaves every group, with an event on each topic, and the rule of the last owner applies', async () => {
  const [ada, ben, carl] = (await chat.users(3)) as [TestUser, TestUser, TestUser];
  const owned = await TestGroup.create(chat, ada, [ben, carl]);
  await owned.setRole(ada, carl, 'ADMIN');
  const joined = await TestGroup.create(chat, ben, [ada]);
  await joined.send(ben);
  const alone = await TestGroup.create(chat, ada, []);
  await world.deleteUser(ada.userId);

  expect(await owned.roles()).toEqual({ [ben.userId]: 'MEMBER', [carl.userId]: 'OWNER' });
  expect(await joined.roles()).toEqual({ [ben.userId]: 'OWNER' });
  expect(await alone.roles()).toEqual({});
  const removal = { added: [], removed: [ada.userId], changedBy: ada.userId };
  await eventually(() => {
    expect(changesOf(owned).at(-1)).toMatchObject({ ...removal, changedRoles: [{ userId: carl.userId, role: 'OWNER' }], lastSeq: 0 });
    expect(changesOf(joined)).toMatchObject([{ ...removal, changedRoles: [], lastSeq: 1 }]);
    expect(changesOf(alone)).toMatchObject([removal]);
  });
});

it('a user whose deletion is in progress is no owner, cannot be added, and changes nothing', async () => {
  const [ada, ben, carl] = (await chat.users(3)) as [TestUser, TestUser, TestUser];
  const group = await TestGroup.create(chat, ada, [ben, carl]);
  const other = await TestGroup.create(chat, ben, []);
  const holdWorkers = `select pg_advisory_xact_lock(hashtextextended('user deletions of chat', 0))`;
  await locked(chat, [holdWorkers, []], async () => {
    await world.publish('UserDeleted', ada.userId);
    expect((await group.setTitle(ada, 'x')).status).toBe(404);
    expect(await other.add(ben, ada)).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
    expect((await ben.request('POST', '/chat/groups', { title: 'x', memberIds: [ada.userId] })).status).toBe(403);
  });
  await eventually(async () => expect(await group.roles()).toMatchObject({ [ben.userId]: 'OWNER' }), { timeoutMs: 60_000 });
});
