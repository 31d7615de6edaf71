import { columnsOf } from '@chat/shared/database';
import type { EntityManager } from 'typeorm';
import type { ReadState } from '../notifications/apply.js';
import type { UserNames } from '../users/names.js';
import { toStoredEvent, type FeedRecord, type RecordedEvent, type StoredEvent } from './feed-event.js';
import { audienceOf, type Membership } from './membership.js';
import { addMissingMembers } from './missing-members.js';
import { tombstoneOf } from './tombstone.js';

export interface NewEvent extends RecordedEvent {
  record: FeedRecord;
  /** The sender had deleted the account before the message was recorded. */
  isTombstone: boolean;
}

export interface StoredBatch {
  /** The events that the feed did not have, in the order of the records. */
  events: NewEvent[];
  /** Locked until the transaction ends. */
  readStates: ReadState[];
  /** Only of senders whose names are known. */
  senderNames: Map<string, UserNames>;
}

/** Stores feed rows and memberships, and returns all that the rules of notifications need. A record that is older than the retention is no event. */
export async function storeFeedEvents(manager: EntityManager, records: FeedRecord[], retentionDays: number): Promise<StoredBatch> {
  const stored = records.map(toStoredEvent);
  const state = await callRecordEvents(manager, records, stored, retentionDays);
  const isNew = new Set(state.new_events);
  const knownMembers = state.members.map(toMembership);
  const addedMembers = await addMissingMembers(
    manager,
    records.filter(({ eventId }) => isNew.has(eventId)),
    new Set(knownMembers.map(({ conversationId }) => conversationId)),
  );
  const memberships = Map.groupBy([...knownMembers, ...addedMembers], ({ conversationId }) => conversationId);
  const deletedAt = new Map(state.deleted);
  const events: NewEvent[] = [];
  for (const [index, record] of records.entries()) {
    if (!isNew.has(record.eventId)) continue;
    const event = stored[index]!;
    const senderDeletedAt = record.type === 'MessageCreated' ? deletedAt.get(record.payload.senderId) : undefined;
    if (record.type === 'MessageCreated' && senderDeletedAt !== undefined)
      event.payload = JSON.stringify(tombstoneOf(record.payload, new Date(senderDeletedAt).toISOString()));
    const audience = audienceOf(memberships.get(event.conversationId) ?? [], event);
    events.push({ record, event, audience, isTombstone: senderDeletedAt !== undefined });
  }
  await storeTombstones(
    manager,
    events.filter(({ isTombstone }) => isTombstone).map(({ event }) => event),
  );
  return {
    events,
    readStates: [
      ...addedMembers.map(({ conversationId, userId }) => ({ conversationId, userId, readSeq: 0, unread: null })),
      ...state.read_states.map(toReadState),
    ],
    senderNames: new Map(state.sender_names.map((names) => [names[0], toUserNames(names)])),
  };
}

/** The answer of the SQL function record_events. */
interface RecordEventsResult {
  new_events: string[];
  members: [conversationId: string, userId: string, number, number, number | null, number | null][];
  read_states: [string, string, number, string | null, string, string, number, number, string, string][];
  sender_names: [userId: string, string, string | null, string | null][];
  deleted: [userId: string, deletedAt: string][];
}

async function callRecordEvents(
  manager: EntityManager,
  records: FeedRecord[],
  stored: StoredEvent[],
  retentionDays: number,
): Promise<RecordEventsResult> {
  const members: { eventId: string; userId: string }[] = [];
  const conversations = new Set<string>();
  const messageConversations = new Set<string>();
  const senders = new Set<string>();
  const receipts: { conversationId: string; userId: string }[] = [];
  for (const { type, eventId, payload } of records) {
    conversations.add(payload.conversationId);
    if (type === 'ConversationCreated') members.push(...payload.members.map(({ userId }) => ({ eventId, userId })));
    if (type === 'ReceiptsAdvanced') receipts.push(payload);
    if (type === 'MessageCreated') {
      messageConversations.add(payload.conversationId);
      senders.add(payload.senderId);
    }
  }
  const rows = (await manager.query(
    'select record_events($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) as state',
    [
      ...columnsOf(stored, ['epoch', 'partition', 'offset', 'conversationId', 'eventId', 'type', 'payload']),
      ...columnsOf(records, ['occurredAt']),
      retentionDays,
      ...columnsOf(members, ['eventId', 'userId']),
      [...conversations],
      [...messageConversations],
      ...columnsOf(receipts, ['conversationId', 'userId']),
      [...senders],
    ],
  )) as { state: RecordEventsResult }[];
  return rows[0]!.state;
}

/** The message was on its way when its sender deleted the account, or the log is consumed again: the feed keeps a tombstone. */
async function storeTombstones(manager: EntityManager, events: StoredEvent[]): Promise<void> {
  if (events.length === 0) return;
  await manager.query(
    `update feed_events f set payload = t.payload from unnest($1::uuid[], $2::text[]) t(event_id, payload) where f.event_id = t.event_id`,
    columnsOf(events, ['eventId', 'payload']),
  );
}

function toMembership([
  conversationId,
  userId,
  fromEpoch,
  fromOffset,
  untilEpoch,
  untilOffset,
]: RecordEventsResult['members'][number]): Membership {
  return { conversationId, userId, fromEpoch, fromOffset, untilEpoch, untilOffset };
}

function toReadState(row: RecordEventsResult['read_states'][number]): ReadState {
  const [conversationId, userId, readSeq, id, messageId, senderId, seq, count, message, createdAt] = row;
  const unread = id === null ? null : { id, userId, conversationId, messageId, senderId, seq, count, message, read: false, createdAt };
  return { conversationId, userId, readSeq, unread };
}

function toUserNames([userId, username, firstName, lastName]: RecordEventsResult['sender_names'][number]): UserNames {
  return { userId, username, firstName, lastName };
}
