import type { Notification } from '@chat/shared/contracts';
import { newId } from '@chat/shared/database';
import type { ReceivedBatch, ReceivedEvent } from '@chat/shared/messaging';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { applyToNotifications, type MessageFact, type MessageNotification, type ReadFact } from '../notifications/message-notifications.js';
import { toNotification } from '../notifications/to-notification.js';
import { previewOf } from '../notifications/preview.js';
import { newestNames, personOf, type NamedPerson } from '../people/people.js';
import { isFeedRecord, toStoredEvent, type FeedRecord, type StoredEvent } from './feed-event.js';
import { audienceOf } from './membership.js';
import { readRecordedState, type RecordedState } from './recorded-state.js';

/** An event that is new in the feed, and who may see it. */
export interface RecordedEvent {
  event: StoredEvent;
  audience: string[];
}

/** What a committed batch brought about, in order of position within each partition. */
export interface RecordedBatch {
  events: RecordedEvent[];
  /** Notifications that were opened, or whose count rose. */
  notifications: Notification[];
}

/**
 * Stores a batch of records of all partitions in one transaction: feed rows, memberships, names, notifications, read
 * states and the consumer's positions. So a record takes effect exactly once: redelivered, its position is passed
 * already; published again, its event id is known, and only events that are new in the feed have any effect.
 *
 * Per conversation the records come in order, and one process at a time reads a partition (the positions move by
 * compare-and-set). Against the REST requests of readers the read states are locked.
 */
@Injectable()
export class FeedRecorder {
  constructor(private readonly dataSource: DataSource) {}

  async record(batch: ReceivedBatch): Promise<RecordedBatch> {
    const records = firstOfEachEvent(batch.records.filter(isFeedRecord));
    const people = newestNames(namesIn(batch.records));
    return await this.dataSource.transaction(async (manager) => {
      // First: a process that lost the partition stops here.
      await batch.storePositions(manager);
      if (people.length > 0) await storeNames(manager, people);
      return records.length > 0 ? await recordEvents(manager, records) : { events: [], notifications: [] };
    });
  }
}

function firstOfEachEvent(records: FeedRecord[]): FeedRecord[] {
  const seen = new Set<string>();
  return records.filter(({ eventId }) => !seen.has(eventId) && seen.add(eventId));
}

function* namesIn(records: ReceivedEvent[]): Generator<NamedPerson> {
  for (const record of records) if (record.type === 'UserRegistered' || record.type === 'ProfileUpdated') yield personOf(record);
}

async function storeNames(manager: EntityManager, people: NamedPerson[]): Promise<void> {
  await manager.query(
    `insert into people (user_id, username, first_name, last_name, named_at)
     select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::timestamptz[])
     on conflict (user_id) do update set username = excluded.username, first_name = excluded.first_name,
       last_name = excluded.last_name, named_at = excluded.named_at
     where people.named_at <= excluded.named_at`,
    columns(people, 'userId', 'username', 'firstName', 'lastName', 'namedAt'),
  );
}

async function recordEvents(manager: EntityManager, records: FeedRecord[]): Promise<RecordedBatch> {
  const stored = records.map(toStoredEvent);
  const state = await storeFeedRows(manager, records, stored);
  const events: RecordedEvent[] = [];
  const facts: (MessageFact | ReadFact)[] = [];
  for (const [index, record] of records.entries()) {
    if (!state.fresh.has(record.eventId)) continue;
    const event = stored[index]!;
    const audience = audienceOf(state.memberships.get(event.conversationId) ?? [], record);
    events.push({ event, audience });
    const fact = factOf(record, audience);
    if (fact) facts.push(fact);
  }
  const changes = applyToNotifications(state.readers, facts, newId);
  if (changes.notifications.length > 0 || changes.readers.length > 0)
    await manager.query('select save_notifications($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)', [
      ...notificationColumns(changes.notifications),
      ...columns(changes.readers, 'conversationId', 'userId', 'readSeq'),
    ]);
  return { events, notifications: changes.raised.map((raised) => toNotification({ ...state.people.get(raised.senderId), ...raised })) };
}

async function storeFeedRows(manager: EntityManager, records: FeedRecord[], stored: StoredEvent[]): Promise<RecordedState> {
  const members: { eventId: string; userId: string }[] = [];
  const conversations = new Set<string>();
  const messageConversations = new Set<string>();
  const senders = new Set<string>();
  const readings: { conversationId: string; userId: string }[] = [];
  for (const { type, eventId, payload } of records) {
    conversations.add(payload.conversationId);
    if (type === 'ConversationCreated') members.push(...payload.members.map(({ userId }) => ({ eventId, userId })));
    if (type === 'ReceiptsAdvanced') readings.push(payload);
    if (type === 'MessageCreated') {
      messageConversations.add(payload.conversationId);
      senders.add(payload.senderId);
    }
  }
  const rows = (await manager.query('select record_events($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) as state', [
    ...columns(stored, 'epoch', 'partition', 'offset', 'conversationId', 'eventId', 'type', 'payload'),
    ...columns(members, 'eventId', 'userId'),
    [...conversations],
    [...messageConversations],
    ...columns(readings, 'conversationId', 'userId'),
    [...senders],
  ])) as { state: unknown }[];
  return readRecordedState(rows[0]!.state);
}

function factOf(record: FeedRecord, audience: string[]): MessageFact | ReadFact | null {
  if (record.type === 'MessageCreated') {
    const { conversationId, messageId, seq, senderId, content, createdAt } = record.payload;
    return { kind: 'message', conversationId, messageId, seq, senderId, preview: previewOf(content), createdAt, audience };
  }
  if (record.type === 'ReceiptsAdvanced') {
    const { conversationId, userId, lastReadSeq } = record.payload;
    return { kind: 'read', conversationId, userId, seq: lastReadSeq };
  }
  return null;
}

function notificationColumns(notifications: MessageNotification[]): unknown[][] {
  return columns(notifications, 'id', 'userId', 'conversationId', 'messageId', 'senderId', 'seq', 'count', 'message', 'read', 'createdAt');
}

/** The rows as one array per column, for `unnest`. */
function columns<T, K extends keyof T>(rows: T[], ...names: K[]): T[K][][] {
  return names.map((name) => rows.map((row) => row[name]));
}
