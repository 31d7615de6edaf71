import { newId } from '@chat/shared/database';
import { describe, expect, it } from 'vitest';
import { Conversation, signInFromNewDevice } from './kit/events.js';
import { useFeed } from './kit/use-feed.js';

const feed = useFeed();
const { write, record, listOf } = feed;
const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString();

describe('a sign-in from a new device', () => {
  it('is a SYSTEM notification to its owner, live and in the list, with the same text for every user', async () => {
    const [ada, sessionId] = [newId(), newId()];
    const signedInAt = new Date().toISOString();
    signInFromNewDevice(write, ada, { sessionId, signedInAt });
    signInFromNewDevice(write, newId());
    const recorded = await record();
    expect(recorded.events).toEqual([]);
    const [mine, other] = recorded.notifications;
    expect(mine).toEqual({
      id: expect.any(String),
      userId: ada,
      type: 'SYSTEM',
      title: 'New sign-in',
      message: expect.stringContaining('a device it had not seen before'),
      data: { sessionId },
      read: false,
      createdAt: signedInAt,
    });
    expect([other!.title, other!.message]).toEqual([mine!.title, mine!.message]);
    expect(await listOf(ada)).toEqual([mine]);
  });

  it('is published with the messages of the same batch, each at its time in the list', async () => {
    const conversation = new Conversation(write);
    const [ann, bob] = conversation.members as [string, string];
    signInFromNewDevice(write, bob, { signedInAt: daysAgo(1) });
    conversation.create();
    conversation.send(ann);
    const { notifications: published } = await record();
    expect(published.map(({ type }) => type).sort()).toEqual(['MESSAGE', 'SYSTEM']);
    expect((await listOf(bob)).map(({ type }) => type)).toEqual(['MESSAGE', 'SYSTEM']);
  });

  it('is notified once, however often the event arrives, and not again after the notification was deleted', async () => {
    const [ada, eventId] = [newId(), newId()];
    const publish = () => signInFromNewDevice(write, ada, { eventId });
    publish();
    publish();
    expect((await record()).notifications).toHaveLength(1);
    publish();
    expect((await record()).notifications).toEqual([]);
    const [only] = await listOf(ada);
    await feed.notifications.delete(ada, only!.id);
    publish();
    await record();
    expect(await listOf(ada)).toEqual([]);
  });

  it('two sign-ins are two notifications', async () => {
    const ada = newId();
    signInFromNewDevice(write, ada);
    signInFromNewDevice(write, ada);
    await record();
    expect(await listOf(ada)).toHaveLength(2);
  });

  it('of more than 30 days ago is not notified, although the log is kept for ever', async () => {
    const ada = newId();
    signInFromNewDevice(write, ada, { signedInAt: daysAgo(31) });
    signInFromNewDevice(write, ada, { signedInAt: daysAgo(29) });
    expect((await record()).notifications).toHaveLength(1);
  });

  it('of a user that has deleted the account since is not stored', async () => {
    const ada = newId();
    signInFromNewDevice(write, ada);
    feed.log.write('UserDeleted', ada, { userId: ada, deletedAt: daysAgo(0) });
    signInFromNewDevice(write, ada);
    await record();
    expect(await listOf(ada)).toEqual([]);
  });

  it('is read, counted and deleted like any other notification', async () => {
    const ada = newId();
    for (let i = 0; i < 3; i++) signInFromNewDevice(write, ada);
    await record();
    const [first, second] = await listOf(ada);
    expect(await feed.notifications.markRead(ada, first!.id)).toEqual({ ...first, read: true });
    expect(await feed.notifications.countUnread(ada)).toBe(2);
    await feed.notifications.delete(ada, second!.id);
    await feed.notifications.markAllRead(ada);
    expect((await listOf(ada)).map(({ read }) => read)).toEqual([true, true]);
    await expect(feed.notifications.markRead(newId(), first!.id)).rejects.toMatchObject({ kind: 'not-found' });
  });
});
