import { newId } from '@chat/shared/database';
import type { EventPayloads } from '@chat/shared/events';
import { describe, expect, it } from 'vitest';
import { block, Conversation, deleteAccount, MessageChanges, unblock } from './kit/events.js';
import { useFeed } from './kit/use-feed.js';

const feed = useFeed();
const { write, record, listOf } = feed;

const LATER = '2090-01-01T00:00:00.000Z';
const counts = async (userId: string) => (await listOf(userId)).map(({ data }) => (data as { count: number }).count);

function group() {
  const conversation = new Conversation(write, [newId(), newId(), newId()]);
  const [ann, bob, cleo] = conversation.members as [string, string, string];
  conversation.create();
  return { conversation, ann, bob, cleo };
}

describe('a muted conversation', () => {
  it('creates and raises no notification of the member that muted it, from its position in the log on', async () => {
    const { conversation, ann, bob, cleo } = group();
    conversation.send(ann);
    conversation.mute(bob, LATER);
    conversation.send(ann);
    await record();
    const { notifications } = (conversation.send(ann), await record());
    expect(notifications.map(({ userId }) => userId)).toEqual([cleo]);
    expect(await counts(bob)).toEqual([1]);
    expect(await counts(cleo)).toEqual([3]);
    expect(await feed.notifications.countUnread(bob)).toBe(1);
  });

  it('makes notifications again when it is unmuted, or when the time has passed', async () => {
    const { conversation, ann, bob, cleo } = group();
    conversation.mute(bob, LATER);
    conversation.mute(cleo, new Date(Date.now() - 1).toISOString());
    conversation.send(ann);
    await record();
    conversation.mute(bob, null);
    conversation.send(ann);
    await record();
    expect(await counts(bob)).toEqual([1]);
    expect(await counts(cleo)).toEqual([2]);
  });

  it('is in the feed of that member alone', async () => {
    const { conversation, ann, bob } = group();
    conversation.mute(bob, LATER);
    const { events } = await record();
    expect(events.find(({ event }) => event.type === 'ConversationMuted')!.audience).toEqual([bob]);
    const typesFor = async (userId: string) => (await feed.replayedTo(userId)).map(({ type }) => type);
    expect(await typesFor(bob)).toEqual(['ConversationCreated', 'ConversationMuted']);
    expect(await typesFor(ann)).toEqual(['ConversationCreated']);
  });

  it('keeps the count of one message when a message that was not counted is deleted', async () => {
    const { conversation, ann, bob } = group();
    conversation.mute(bob, LATER);
    const first = conversation.send(ann) as { payload: EventPayloads['MessageCreated'] };
    conversation.mute(bob, null);
    conversation.send(ann);
    new MessageChanges(write, first.payload).delete();
    await record();
    expect(await counts(bob)).toEqual([1]);
  });
});

describe('of two users of which one has blocked the other', () => {
  it('neither is notified of messages of the other, in no conversation; all others are', async () => {
    const { conversation, ann, bob, cleo } = group();
    block(write, ann, bob);
    await record();
    conversation.send(bob);
    conversation.send(ann);
    await record();
    expect(await counts(ann)).toEqual([]);
    expect(await counts(bob)).toEqual([]);
    expect(await counts(cleo)).toEqual([2]);
    conversation.send(cleo);
    await record();
    expect([await counts(ann), await counts(bob)]).toEqual([[1], [1]]);
  });

  it('both are notified again when the last block has ended', async () => {
    const { conversation, ann, bob } = group();
    block(write, ann, bob);
    block(write, bob, ann);
    unblock(write, ann, bob);
    await record();
    conversation.send(ann);
    await record();
    expect(await counts(bob)).toEqual([]);
    unblock(write, bob, ann);
    await record();
    conversation.send(ann);
    await record();
    expect(await counts(bob)).toEqual([1]);
  });

  it('nothing is left of a block when one of them deletes the account', async () => {
    const [ann, bob] = [newId(), newId()];
    block(write, ann, bob);
    block(write, bob, ann);
    await record();
    deleteAccount(write, ann);
    await record();
    block(write, bob, ann);
    await record();
    expect(await feed.dataSource.query('select * from blocks where user_id = $1 or blocked_user_id = $1', [ann])).toEqual([]);
  });
});
