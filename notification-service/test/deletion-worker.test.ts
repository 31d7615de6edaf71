import { newId } from '@chat/shared/database';
import { expect, it } from 'vitest';
import { deletePart } from '../src/feed/delete-user.js';
import { recordBatch } from '../src/feed/feed.consumer.js';
import { Conversation, deleteAccount } from './kit/events.js';
import { feedLog } from './kit/fake-log.js';
import { finishDeletions, useFeed } from './kit/use-feed.js';

const feed = useFeed();
const { write, record } = feed;

const recordOnly = () => recordBatch(feed.dataSource, feedLog, feed.log.batch());

it('the events of others are recorded while the deletion of a user waits for a lock', async () => {
  const [ofAda, other] = [new Conversation(write), new Conversation(write)];
  for (const conversation of [ofAda, other]) conversation.create();
  ofAda.send(ofAda.members[0]!, 'secret');
  await record();
  const holder = feed.dataSource.createQueryRunner();
  await holder.startTransaction();
  await holder.query('select 1 from read_states where conversation_id = $1 for update', [ofAda.id]);
  try {
    deleteAccount(write, ofAda.members[0]!);
    other.send(other.members[0]!, 'hello');
    const { events } = await recordOnly();
    expect(events.map(({ event }) => event.conversationId)).toEqual([other.id]);
  } finally {
    await holder.rollbackTransaction();
    await holder.release();
  }
  await finishDeletions(feed.dataSource);
  expect(await feed.replayedTo(ofAda.members[1]!)).toMatchObject([{}, { payload: { content: '' } }]);
});

it('a part reads few events, those of other members included, and of several processes one does it', async () => {
  const conversation = new Conversation(write);
  const [ada, ben] = conversation.members as [string, string];
  conversation.create();
  for (let i = 0; i < 60; i++) conversation.send(i % 30 === 29 ? ada : ben, 'a message');
  await record();
  deleteAccount(write, ada);
  await recordOnly();
  // 61 events in parts of 7, then the row of the deletion.
  let parts = 0;
  const work = async () => {
    for (let state = ''; state !== 'idle';) {
      state = await deletePart(feed.dataSource, 7);
      if (state === 'working') parts++;
    }
  };
  await Promise.all([work(), work(), work()]);
  expect(parts).toBe(9 + 1);
  const { events } = await feed.page(ben, feed.beginning());
  const texts = events.flatMap((event) => (event.type === 'MessageCreated' ? [event.payload.content] : []));
  expect(texts).toEqual(Array.from({ length: 60 }, (_, i) => (i % 30 === 29 ? '' : 'a message')));
});

it('the notifications of the user are deleted in parts, too', async () => {
  const ada = newId();
  await feed.dataSource.query(
    `insert into notifications (id, user_id, type, title, message, read, created_at)
       select gen_random_uuid(), $1, 'SYSTEM', 'title', 'message', true, now() from generate_series(1, 25)`,
    [ada],
  );
  deleteAccount(write, ada);
  await recordOnly();
  const left: number[] = [];
  while ((await deletePart(feed.dataSource, 10)) !== 'idle') left.push((await feed.listOf(ada)).length);
  expect(left).toEqual([15, 5, 0]);
});
