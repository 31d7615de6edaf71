import { newId } from '@chat/shared/database';
import { expect, it } from 'vitest';
import { Conversation, deleteAccount } from './kit/events.js';
import { useFeed } from './kit/use-feed.js';

const feed = useFeed();
const { write, record, listOf } = feed;

/** Kafka has lost the event, or deleted it before this schema was made anew. */
const withoutItsCreation = (members?: string[]) => new Conversation(write, members);

it('a message shows the two members of a direct conversation whose ConversationCreated is missing', async () => {
  const conversation = withoutItsCreation();
  const [ada, ben] = conversation.members as [string, string];
  conversation.send(ada, 'first');
  conversation.send(ben, 'second');
  const { events, notifications } = await record();
  expect(events.map(({ audience }) => audience.toSorted())).toEqual([[ada, ben].toSorted(), [ada, ben].toSorted()]);
  expect(notifications).toMatchObject([{ userId: ada, message: 'second' }]);
  conversation.send(ada, 'third');
  expect((await record()).events[0]!.audience.toSorted()).toEqual([ada, ben].toSorted());
  for (const member of [ada, ben]) expect(await feed.replayedTo(member)).toHaveLength(3);
  expect(await listOf(ben)).toMatchObject([
    { message: 'third', read: false },
    { message: 'first', read: true },
  ]);

  conversation.create();
  await record();
  expect(await feed.dataSource.query('select user_id from memberships where conversation_id = $1', [conversation.id])).toHaveLength(2);
});

it('a message in a conversation whose ConversationCreated is missing shows no deleted member, and none of a group', async () => {
  const [direct, group] = [withoutItsCreation(), withoutItsCreation([newId(), newId(), newId()])];
  const [ada, ben] = direct.members as [string, string];
  deleteAccount(write, ada);
  await record();
  direct.send(ada);
  group.send(group.members[0]!);
  const { events } = await record();
  expect(events.map(({ audience }) => audience)).toEqual([[ben], []]);
});
