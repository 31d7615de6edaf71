import type { Notification } from '@chat/shared/contracts';
import { newId } from '@chat/shared/database';
import { findDeletedUsers, type ReceivedBatch, type ReceivedEvent } from '@chat/shared/consumer';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { applyToNotifications, type MessageFact, type MessageNotification, type ReadFact } from '../notifications/message-notifications.js';
import { raiseSystemNotifications } from '../notifications/system-notifications.js';
import { toMessageNotification } from '../notifications/to-notification.js';
import { previewOf } from '../notifications/preview.js';
import { clearDeletedPerson } from '../people/deleted-people.js';
import { newestNames, personOf, type NamedPerson } from '../people/people.js';
import { isFeedRecord, toStoredEvent, type FeedRecord, type StoredEvent } from './feed-event.js';
import { FeedLog } from './feed-log.js';
import { audienceOf } from './membership.js';
import { tombstoneOf } from './tombstone.js';
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
  constructor(
    private readonly dataSource: DataSource,
    private readonly feedLog: FeedLog,
  ) {}

  async record(batch: ReceivedBatch): Promise<RecordedBatch> {
    const records = firstOfEachEvent(batch.records.filter(isFeedRecord));
    const people = newestNames(namesIn(batch.records));
    for (const { type, payload } of batch.records)
      if (type === 'UserDeleted') await clearDeletedPerson(this.dataSource, payload.userId, payload.deletedAt);
    return await this.dataSource.transaction(async (manager) => {
      // First: a process that lost the partition stops here.
      await batch.storePositions(manager);
      if (people.length > 0) await storeNames(manager, people);
      const system = await raiseSystemNotifications(manager, this.feedLog.group, batch.records);
      if (records.length === 0) return { events: [], notifications: system };
      const { events, notifications } = await recordEvents(manager, records);
      return { events, notifications: [...system, ...notifications] };
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

async function storeNames(manager: EntityManager, named: NamedPerson[]): Promise<void> {
  const gone = await findDeletedUsers(
    manager,
    named.map(({ userId }) => userId),
  );
  const people = named.filter(({ userId }) => !gone.has(userId));
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
  const erased = await eraseMessagesOfDeleted(manager, records, stored, state);
  const events: RecordedEvent[] = [];
  const facts: (MessageFact | ReadFact)[] = [];
  for (const [index, record] of records.entries()) {
    if (!state.fresh.has(record.eventId)) continue;
    const event = stored[index]!;
    const audience = audienceOf(state.memberships.get(event.conversationId) ?? [], record);
    events.push({ event, audience });
    const fact = erased.has(event) ? null : factOf(record, audience);
    if (fact) facts.push(fact);
  }
  const changes = applyToNotifications(state.readers, facts, newId);
  if (changes.notifications.length > 0 || changes.readers.length > 0)
    await manager.query('select save_notifications($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)', [
      ...notificationColumns(changes.notifications),
      ...columns(changes.readers, 'conversationId', 'userId', 'readSeq'),
    ]);
  return {
    events,
    notifications: changes.raised.map((raised) => toMessageNotification({ ...state.people.get(raised.senderId), ...raised })),
  };
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

/** Their message was on its way when they deleted the account, or the log is read again: it is recorded as a tombstone. */
async function eraseMessagesOfDeleted(
  manager: EntityManager,
  records: FeedRecord[],
  stored: StoredEvent[],
  { fresh, deleted }: RecordedState,
): Promise<Set<StoredEvent>> {
  const erased = new Set<StoredEvent>();
  if (deleted.size === 0) return erased;
  for (const [index, { type, eventId, payload }] of records.entries()) {
    const deletedAt = type === 'MessageCreated' && fresh.has(eventId) ? deleted.get(payload.senderId) : undefined;
    if (type !== 'MessageCreated' || deletedAt === undefined) continue;
    const event = stored[index]!;
    event.payload = JSON.stringify(tombstoneOf(payload, deletedAt));
    erased.add(event);
  }
  await manager.query(
    `update feed_events f set payload = t.payload from unnest($1::uuid[], $2::text[]) t(event_id, payload) where f.event_id = t.event_id`,
    columns([...erased], 'eventId', 'payload'),
  );
  return erased;
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
