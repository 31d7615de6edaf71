import { newId } from '@chat/shared/database';
import { describe, expect, it } from 'vitest';
import { Conversation, register } from './kit/events.js';
import { useFeed } from './kit/use-feed.js';

const feed = useFeed();
const { write, record, listOf } = feed;

describe('notifications', () => {
  it('a message is one notification to every member but its sender, with the name of the sender as title', async () => {
    const conversation = new Conversation(write, [newId(), newId(), newId()]);
    const [ann, bob, cleo] = conversation.members as [string, string, string];
    conversation.create();
    register(write, ann, { username: 'ann', firstName: 'Ann', lastName: 'Arbor' });
    const sent = conversation.send(ann, 'x'.repeat(300)) as { payload: { messageId: string } };
    const { notifications: published } = await record();
    expect(await listOf(ann)).toEqual([]);
    expect(await listOf(cleo)).toHaveLength(1);
    const [one] = await listOf(bob);
    expect(one).toEqual({
      id: expect.any(String),
      userId: bob,
      type: 'MESSAGE',
      title: 'Ann Arbor',
      message: `${'x'.repeat(139)}…`,
      data: { conversationId: conversation.id, messageId: sent.payload.messageId, seq: 1, senderId: ann, count: 1 },
      read: false,
      createdAt: expect.stringMatching(/Z$/),
    });
    expect(published.find(({ userId }) => userId === bob)).toEqual(one);
  });

  it('the newest name is shown, whichever topic it came from and however late', async () => {
    const conversation = new Conversation(write);
    const [ann, bob] = conversation.members as [string, string];
    conversation.create();
    conversation.send(ann);
    await record();
    expect(await listOf(bob)).toMatchObject([{ title: 'New message' }]);
    const images = { pictureId: null, coverImageId: null, change: 'UPDATED' };
    const profile = { userId: ann, username: 'ann', bio: null, location: null, website: null, isPublic: true, ...images };
    feed.log.write('ProfileUpdated', ann, { ...profile, firstName: 'Ann', lastName: null, updatedAt: '2026-01-02T00:00:00.000Z' });
    await record();
    expect(await listOf(bob)).toMatchObject([{ title: 'Ann' }]);
    register(write, ann, { username: 'ann', registeredAt: '2026-01-01T00:00:00.000Z' });
    await record();
    expect(await listOf(bob)).toMatchObject([{ title: 'Ann' }]);
    feed.log.write('ProfileUpdated', ann, { ...profile, firstName: null, lastName: null, updatedAt: '2026-01-03T00:00:00.000Z' });
    feed.log.write('ProfileUpdated', ann, { ...profile, firstName: 'Anna', lastName: null, updatedAt: '2026-01-04T00:00:00.000Z' });
    await record();
    expect(await listOf(bob)).toMatchObject([{ title: 'Anna' }]);
  });

  it('unread messages of a conversation are one notification, across batches too', async () => {
    const conversation = new Conversation(write);
    const [ann, bob] = conversation.members as [string, string];
    conversation.create();
    conversation.send(ann);
    conversation.send(ann);
    const [before] = (await record()).notifications;
    conversation.send(ann, 'newest');
    const { notifications: published } = await record();
    expect(published).toMatchObject([{ id: before!.id, data: { count: 3 } }]);
    expect(await listOf(bob)).toMatchObject([{ id: before!.id, message: 'newest', data: { count: 3, seq: 3 } }]);
    expect(await feed.notifications.countUnread(bob)).toBe(1);
  });

  it('reading the conversation marks its notification as read, and the next message creates a new one', async () => {
    const conversation = new Conversation(write);
    const [ann, bob] = conversation.members as [string, string];
    conversation.create();
    conversation.send(ann);
    await record();
    conversation.read(bob);
    await record();
    expect(await feed.notifications.countUnread(bob)).toBe(0);
    conversation.send(ann);
    conversation.send(ann);
    conversation.read(bob, 2);
    await record();
    expect(await listOf(bob)).toMatchObject([
      { read: false, data: { seq: 3, count: 1 } },
      { read: true, data: { seq: 1, count: 1 } },
    ]);
  });

  it('answering marks the notification as read', async () => {
    const conversation = new Conversation(write);
    const [ann, bob] = conversation.members as [string, string];
    conversation.create();
    conversation.send(ann);
    await record();
    conversation.send(bob);
    await record();
    expect(await listOf(bob)).toMatchObject([{ read: true }]);
    expect(await listOf(ann)).toMatchObject([{ read: false, data: { seq: 2, count: 1 } }]);
  });

  it('a message and its read receipt in one batch are read, and the next message is unread', async () => {
    const conversation = new Conversation(write);
    const [ann, bob] = conversation.members as [string, string];
    conversation.create();
    conversation.send(ann);
    conversation.read(bob);
    conversation.send(ann);
    await record();
    expect((await listOf(bob)).map(({ read, data }) => [read, data!['seq']])).toEqual([
      [false, 2],
      [true, 1],
    ]);
  });
});
