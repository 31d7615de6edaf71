import type { FeedMessage } from '@chat/shared/contracts';
import { newId } from '@chat/shared/database';
import type { EventPayloads } from '@chat/shared/events';
import { expect, it } from 'vitest';
import { Conversation, deleteAccount, MessageChanges } from './kit/events.js';
import { useFeed } from './kit/use-feed.js';

const feed = useFeed();

it('a message with very many reactions keeps and publishes at most 200 of their user ids, also of an event of the build before', async () => {
  const members = Array.from({ length: 1000 }, () => newId());
  const emojis = Array.from({ length: 20 }, (_, i) => String.fromCodePoint(0x1f600 + i));
  const conversation = new Conversation(feed.write);
  const [ada, ben] = conversation.members as [string, string];
  conversation.create();
  const { payload: message } = conversation.send(ada) as { payload: EventPayloads['MessageCreated'] };
  const changes = new MessageChanges(feed.write, message);
  await feed.record();
  const shown = emojis.map((emoji) => ({ emoji, count: 1000, userIds: members.slice(0, 10) }));
  for (const reactions of [emojis.map((emoji) => ({ emoji, count: 0, userIds: members })), shown]) {
    changes.setReactions(ben, reactions);
    const { events } = await feed.record();
    const { payload } = events[0]!.event;
    expect((JSON.parse(payload) as FeedMessage).reactions).toEqual(shown);
    expect(payload.length).toBeLessThan(12_000);
    expect((await feed.replayedTo(ben)).map(({ payload }) => (payload as FeedMessage).reactions)).toContainEqual(shown);
  }

  // A member whose id is shown deletes the account.
  deleteAccount(feed.write, members[0]!);
  changes.setReactions(ben, shown);
  const { events } = await feed.record();
  expect((JSON.parse(events[0]!.event.payload) as FeedMessage).reactions).toEqual(
    emojis.map((emoji) => ({ emoji, count: 999, userIds: members.slice(1, 10) })),
  );
});
