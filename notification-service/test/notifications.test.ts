import { newId } from '@chat/shared/database';
import { describe, expect, it } from 'vitest';
import { Conversation } from './kit/events.js';
import { useFeed } from './kit/use-feed.js';

const feed = useFeed();
const { write, record, listOf } = feed;

describe('requests of users', () => {
  it('after a notification is marked as read or deleted, the next message creates a new one', async () => {
    const conversation = new Conversation(write);
    const [ann, bob] = conversation.members as [string, string];
    conversation.create();
    conversation.send(ann);
    const [first] = (await record()).notifications;
    expect(await feed.notifications.markRead(bob, first!.id)).toMatchObject({ id: first!.id, read: true });
    conversation.send(ann);
    const [second] = (await record()).notifications;
    expect(second).toMatchObject({ data: { count: 1, seq: 2 } });
    await feed.notifications.delete(bob, second!.id);
    conversation.send(ann);
    expect((await record()).notifications).toMatchObject([{ data: { count: 1, seq: 3 } }]);
    expect(await listOf(bob)).toHaveLength(2);
  });

  it('the notification of another user is not found', async () => {
    const conversation = new Conversation(write);
    const [ann] = conversation.members as [string];
    conversation.create();
    conversation.send(ann);
    const [one] = (await record()).notifications;
    await expect(feed.notifications.markRead(ann, one!.id)).rejects.toMatchObject({ kind: 'not-found' });
    await expect(feed.notifications.delete(ann, one!.id)).rejects.toMatchObject({ kind: 'not-found' });
    await expect(feed.notifications.delete(ann, newId())).rejects.toMatchObject({ kind: 'not-found' });
  });

  it('pages are sorted from newest to oldest, with totals that follow the filter', async () => {
    const bob = newId();
    const conversations = Array.from({ length: 5 }, () => new Conversation(write, [newId(), bob]));
    for (const conversation of conversations) {
      conversation.create();
      conversation.send(conversation.members[0]!);
      await record();
    }
    conversations[4]!.read(bob);
    await record();
    const page = await feed.notifications.list(bob, { page: 1, limit: 2, unreadOnly: true });
    expect(page).toMatchObject({ total: 4, totalPages: 2, page: 1, limit: 2, unreadCount: 4 });
    expect(page.data.map(({ data }) => data!['conversationId'])).toEqual([conversations[3]!.id, conversations[2]!.id]);
    expect(await feed.notifications.list(bob, { page: 3, limit: 2, unreadOnly: false })).toMatchObject({
      total: 5,
      totalPages: 3,
      data: { length: 1 },
      unreadCount: 4,
    });
    await feed.notifications.markAllRead(bob);
    expect(await feed.notifications.list(bob, { page: 1, limit: 2, unreadOnly: true })).toMatchObject({
      total: 0,
      totalPages: 0,
      data: [],
      unreadCount: 0,
    });
  });

  it('requests of users and the consumer at the same time lose no message', async () => {
    const conversations = Array.from({ length: 5 }, () => new Conversation(write));
    for (const conversation of conversations) conversation.create();
    await record();
    const writing = new AbortController();
    const requests = conversations.map(async ({ members: [, bob] }) => {
      while (!writing.signal.aborted) {
        await feed.notifications.markAllRead(bob!);
        for (const { id } of await listOf(bob!)) await feed.notifications.markRead(bob!, id);
      }
    });
    for (let i = 0; i < 40; i++) {
      for (const conversation of conversations) conversation.send(conversation.members[0]!);
      await record();
    }
    writing.abort();
    await Promise.all(requests);
    for (const conversation of conversations) {
      const list = await listOf(conversation.members[1]!);
      expect(list.reduce((sum, { data }) => sum + (data!['count'] as number), 0)).toBe(40);
    }
  });
});
