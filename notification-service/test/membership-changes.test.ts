import { newId } from '@chat/shared/database';
import type { FeedEvent } from '@chat/shared/contracts';
import { beforeEach, describe, expect, it } from 'vitest';
import type { ReceivedEvent } from '@chat/shared/consumer';
import { Conversation, deleteAccount, MessageChanges } from './kit/events.js';
import type { RecordedBatch } from '../src/feed/feed-event.js';
import { FeedBacklog } from '../src/feed/backlog.js';
import { feedLog } from './kit/fake-log.js';
import { useFeed } from './kit/use-feed.js';

const feed = useFeed();
const { write, record, listOf } = feed;
const replayedTo = (userId: string) => feed.replayedTo(userId);

let [ada, ben, carl]: string[] = [];
let group: Conversation;
beforeEach(async () => {
  [ada, ben, carl] = [newId(), newId(), newId()];
  group = new Conversation(write, [ada!, ben!, newId()]);
  group.create();
});

/** The types of the events, and the seqs of messages. */
const shown = (events: FeedEvent[]) => events.map((event) => (event.type === 'MessageCreated' ? event.payload.seq : event.type));

/** Those of these three users that may see each event of the group. */
const audiences = ({ events }: Pick<RecordedBatch, 'events'>) =>
  events.map(({ audience }) => [ada, ben, carl].map((userId, i) => (audience.includes(userId!) ? 'abc'[i] : '')).join(''));

// Whether records come in one batch or each in its own depends on the load.
describe.each(['in one batch', 'each in its own batch'])('changes of members, %s', (how) => {
  const recorded: Awaited<ReturnType<typeof record>>[] = [];
  const next = async () => {
    if (how !== 'in one batch') recorded.push(await record());
  };
  const end = async () => {
    recorded.push(await record());
    const events = recorded.flatMap((batch) => batch.events);
    recorded.length = 0;
    return { events, notifications: [] };
  };

  it('are the first event of an added member and the last one of a removed member', async () => {
    group.send(ada!);
    await next();
    group.changeMembers({ added: [carl!] });
    await next();
    group.send(ada!);
    await next();
    group.changeMembers({ removed: [ben!] });
    await next();
    group.send(ada!);
    await next();
    group.changeMembers({ removed: [carl!] });
    await next();
    group.send(ada!);
    await next();
    group.changeMembers({ added: [ben!] });
    await next();
    group.send(ada!);
    expect(audiences(await end())).toEqual(['ab', 'ab', 'abc', 'abc', 'abc', 'ac', 'ac', 'a', 'ab', 'ab']);

    expect(shown(await replayedTo(ada!))).toHaveLength(10);
    // What a removed member may not read any more is not replayed, only the end.
    expect(shown(await replayedTo(carl!))).toEqual(['MembersChanged']);
    expect(shown(await replayedTo(ben!))).toEqual(['MembersChanged', 'MembersChanged', 5]);
  });

  it('leave a removed member no notification, and a new one only those of later messages', async () => {
    group.send(ada!, 'secret');
    await next();
    group.changeMembers({ added: [carl!], removed: [ben!] });
    await next();
    group.send(ada!, 'later');
    await end();
    expect(await listOf(ben!)).toEqual([]);
    expect(await listOf(carl!)).toMatchObject([{ message: 'later', data: { count: 1 } }]);
    group.changeMembers({ added: [ben!], removed: [carl!] });
    await next();
    group.send(ada!, 'anew');
    await end();
    expect(await listOf(ben!)).toMatchObject([{ message: 'anew', data: { count: 1 } }]);
    expect(await listOf(carl!)).toEqual([]);
  });
});

it('a role and a title change no membership, and reach every member', async () => {
  await record();
  group.changeMembers({ changedRoles: [{ userId: ben!, role: 'ADMIN' }] });
  group.rename('New');
  expect(audiences(await record())).toEqual(['ab', 'ab']);
  expect((await replayedTo(ben!)).map(({ type }) => type)).toEqual(['ConversationCreated', 'MembersChanged', 'ConversationUpdated']);
});

it('a change that is delivered again, published again, or read again in a new log has no second effect', async () => {
  group.changeMembers({ added: [carl!] });
  const removal = group.changeMembers({ removed: [carl!] }) as { eventId: string };
  const again = group.changeMembers({ added: [carl!] }) as { eventId: string };
  await record();
  const memberships = () => feed.dataSource.query('select * from memberships where conversation_id = $1 order by 2, 3, 4', [group.id]);
  const before = await memberships();
  group.changeMembers({ removed: [carl!] }, removal.eventId);
  expect((await record()).events).toEqual([]);
  await feed.beginLog();
  group.changeMembers({ removed: [carl!] }, removal.eventId);
  group.changeMembers({ added: [carl!] }, again.eventId);
  group.send(ada!);
  expect(audiences(await record())).toEqual(['abc']);
  expect(await memberships()).toEqual(before);
});

it('changes that are older than the retention rebuild the members of a feed that is made anew', async () => {
  const old = new Date(Date.now() - 40 * 86_400_000);
  group.changeMembers({ added: [carl!] });
  group.changeMembers({ removed: [ben!, carl!] });
  group.changeMembers({ added: [carl!] });
  const batch = feed.log.batch();
  for (const one of batch.records) one.occurredAt = old;
  expect((await record(batch)).events).toEqual([]);
  group.send(ada!);
  expect(audiences(await record())).toEqual(['ac']);

  // Known members are not changed by events of the past.
  await feed.beginLog();
  group.changeMembers({ removed: [carl!] });
  const past = feed.log.batch();
  for (const one of past.records) one.occurredAt = old;
  await record(past);
  group.send(ada!);
  expect(audiences(await record())).toEqual(['ac']);
});

it('a change of a message from before joining does not reach the new member, live, from the feed, or in a replay', async () => {
  const before = new MessageChanges(write, (group.send(ada!, 'secret') as ReceivedEvent<'MessageCreated'>).payload);
  group.changeMembers({ added: [carl!] });
  const after = new MessageChanges(write, (group.send(ada!, 'hello') as ReceivedEvent<'MessageCreated'>).payload);
  before.edit('another secret');
  before.react(ben!, '👍');
  before.delete();
  after.edit('hello, all');
  after.react(carl!, '👍');
  const recorded = audiences(await record());
  expect(recorded).toEqual(['ab', 'ab', 'abc', 'abc', 'ab', 'ab', 'ab', 'abc', 'abc']);
  const { partition } = (await replayedTo(ada!))[0]!;
  const backlog = new FeedBacklog(feed.dataSource, feedLog);
  expect(audiences(await backlog.eventsAfter({ epoch: feed.epoch, partition, offset: -1 }, 100))).toEqual(recorded);
  expect((await replayedTo(carl!)).map(({ type }) => type)).toEqual([
    'MembersChanged',
    'MessageCreated',
    'MessageUpdated',
    'ReactionsChanged',
  ]);
  expect(await replayedTo(ben!)).toHaveLength(9);
});

it('a deleted user is not added', async () => {
  deleteAccount(write, carl!);
  await record();
  group.changeMembers({ added: [carl!] });
  group.send(ada!);
  expect(audiences(await record())).toEqual(['ab', 'ab']);
  expect(await feed.dataSource.query('select 1 from memberships where user_id = $1', [carl])).toEqual([]);
});
