import { newId } from '@chat/shared/database';
import { randomFrom } from '@chat/testkit/random';
import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { applyPending } from '../src/feed/pending-notifications.js';
import { Conversation, deleteAccount, MessageChanges } from './kit/events.js';
import { tablesWith } from './kit/inspect-database.js';
import { ChangingGroup, type RandomChange } from './kit/random-changes.js';
import { type TestFeed, useFeed } from './kit/use-feed.js';

const feed = useFeed({ largeGroup: 3 });
const atOnce = useFeed({ largeGroup: 1000 });
const members = (count: number) => Array.from({ length: count }, () => newId());

function createGroup(count = 4): Conversation {
  const group = new Conversation(feed.write, members(count));
  group.create();
  return group;
}

it('the event of a large group has its audience at once; its notifications come later, one for many messages', async () => {
  const group = createGroup();
  const [ann, ben] = group.members as [string, string];
  for (let i = 0; i < 3; i++) {
    group.send(ann);
    const recorded = await feed.record();
    expect(recorded.events.at(-1)!.audience.toSorted()).toEqual(group.members.toSorted());
    expect(recorded).toMatchObject({ notifications: [], hasPending: true });
  }
  expect(await feed.listOf(ben)).toEqual([]);
  const published = await feed.applyPending();
  expect(published.map(({ userId }) => userId).toSorted()).toEqual(group.members.slice(1).toSorted());
  expect(published[0]).toMatchObject({ message: 'message 3', read: false, data: { count: 3, seq: 3 } });
  expect(await feed.listOf(ben)).toEqual(published.filter(({ userId }) => userId === ben));
  expect(await feed.applyPending()).toEqual([]);
});

it('in a group that is not large, the notifications are changed with the event', async () => {
  const group = createGroup(3);
  group.send(group.members[0]!);
  expect(await feed.record()).toMatchObject({ notifications: [{ message: 'message 1' }, { message: 'message 1' }], hasPending: false });
});

it('as long as something is pending, what follows is pending, too, even if the group is not large any more', async () => {
  const group = createGroup();
  const [ann, ben, carl] = group.members as [string, string, string];
  group.send(ann);
  await feed.record();
  group.changeMembers({ removed: [carl] });
  group.read(ben);
  expect(await feed.record()).toMatchObject({ hasPending: true });
  await feed.applyPending();
  expect(await feed.listOf(ben)).toMatchObject([{ message: 'message 1', read: true }]);
  expect(await feed.listOf(carl)).toEqual([]);
  group.send(ann);
  expect(await feed.record()).toMatchObject({ hasPending: false });
});

it('a text that was deleted before its notification was stored is in none', async () => {
  const group = createGroup();
  const [ann, ben] = group.members as [string, string];
  const secret = randomUUID();
  const { payload } = group.send(ann, secret) as { payload: ConstructorParameters<typeof MessageChanges>[1] };
  await feed.record();
  new MessageChanges(feed.write, payload).delete();
  await feed.record();
  expect(await feed.applyPending(1)).not.toMatchObject([{ message: secret }]);
  expect(await feed.notifications.countUnread(ben)).toBe(0);
  expect(await tablesWith(feed.dataSource, secret)).toEqual([]);
});

it('the text of a user that deleted the account before its notification was stored is in none', async () => {
  const group = createGroup();
  const [ann, ben] = group.members as [string, string];
  const secret = randomUUID();
  group.send(ann, secret);
  await feed.record();
  deleteAccount(feed.write, ann);
  await feed.record();
  await feed.applyPending();
  expect(await feed.listOf(ben)).toMatchObject([{ message: '', read: false }]);
  expect(await tablesWith(feed.dataSource, secret)).toEqual([]);
});

it('two processes at the same time apply everything once', async () => {
  const group = createGroup(8);
  for (let i = 0; i < 20; i++) {
    group.send(group.members[0]!);
    await feed.record();
  }
  while ((await Promise.all([0, 1].map(() => applyPending(feed.dataSource, group.id, 3)))).some((applied) => applied && !applied.isLast));
  for (const member of group.members.slice(1)) expect(await feed.listOf(member)).toMatchObject([{ data: { count: 20, seq: 20 } }]);
});

it('a transaction that fails leaves everything pending', async () => {
  const group = createGroup();
  group.send(group.members[0]!);
  await feed.record();
  await feed.dataSource.query('alter table notifications rename to moved');
  await expect(applyPending(feed.dataSource, group.id)).rejects.toThrow('notifications');
  await feed.dataSource.query('alter table moved rename to notifications');
  expect(await feed.applyPending()).toHaveLength(3);
});

it.each([1, 2, 3, 4, 5])('random changes lead to the same notifications as if they had been changed at once (seed %i)', async (seed) => {
  const random = randomFrom(seed);
  const share = () => random(1000) / 1000;
  const users = members(6);
  const groupIn = (of: TestFeed) => new ChangingGroup(of, new Conversation(of.write, users));
  const groups = [groupIn(feed), groupIn(atOnce)];
  for (let i = 0; i < 150; i++) {
    const change: RandomChange = { kind: share(), who: share(), which: share() };
    for (const group of groups) group.change(change);
    if (share() < 0.3) await Promise.all([feed.record(), atOnce.record()]);
    if (share() < 0.1) await feed.applyPending(1 + random(8));
  }
  await Promise.all([feed.record(), atOnce.record()]);
  await feed.applyPending();
  for (const user of users) expect(await listWithoutIds(feed, user)).toEqual(await listWithoutIds(atOnce, user));
});

/** An edit changes unread notifications only, and a message may have been read before its notification is stored: then the text is the edited one. */
async function listWithoutIds(of: TestFeed, userId: string) {
  return (await of.listOf(userId)).map(({ read, message, data }) => {
    const { seq, senderId, count } = data as { seq: number; senderId: string; count: number };
    return { read, message: read ? null : message, seq, senderId, count };
  });
}
