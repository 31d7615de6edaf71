import { columnsOf, preparedStatement } from '@chat/shared/database';
import type { EntityManager } from 'typeorm';
import type { ReadState } from '../notifications/apply.js';
import { Blocks } from '../users/blocks.js';
import type { UserNames } from '../users/names.js';
import { toStoredEvent, type FeedRecord, type RecordedEvent, type StoredEvent } from './feed-event.js';
import { audienceOf, type MembershipRow, toMembership } from './membership.js';
import { changeMemberships, membersChangedIn } from './membership-changes.js';
import { addMissingMembers } from './missing-members.js';
import { isChange, messageOf, othersIn, withoutUsers } from './feed-message.js';
import type { FeedLog } from './feed-log.js';
import { changedBefore, isLate } from './late-events.js';
import { type MessageChange, storeMessageChanges, withoutText } from './message-states.js';

export interface NewEvent extends RecordedEvent {
  record: FeedRecord;
  /** The message is deleted by this event, or its sender had deleted the account before it was recorded. */
  isTombstone: boolean;
  /** It shows the message as it is after later events, so it means nothing for notifications. */
  isLate: boolean;
}

export interface StoredBatch {
  /** The events that the feed did not have, in the order of the records. */
  events: NewEvent[];
  /** Large groups, and conversations with pending notifications: see pending-notifications.ts. */
  deferred: Set<string>;
  /** Of the members of the others, locked until the transaction ends. */
  readStates: ReadState[];
  /** Only of senders whose names are known. */
  senderNames: Map<string, UserNames>;
  blocks: Blocks;
}

/** Stores feed rows and memberships, and returns all that the rules of notifications need. A record that is older than the retention is no event. */
export async function storeFeedEvents(
  manager: EntityManager,
  records: FeedRecord[],
  { retentionDays, largeGroup }: Pick<FeedLog, 'retentionDays' | 'largeGroup'>,
): Promise<StoredBatch> {
  const stored = records.map(toStoredEvent);
  const state = await callRecordEvents(manager, records, stored, { retentionDays, largeGroup });
  const isNew = new Set(state.new_events);
  const deletedAt = new Map(state.deleted);
  const changed = await changeMemberships(manager, records, { isNew, deleted: deletedAt, retentionDays });
  const knownMembers = state.members
    .map(toMembership)
    .filter(({ conversationId }) => !changed?.conversations.has(conversationId))
    .concat(changed?.memberships ?? []);
  const addedMembers = await addMissingMembers(
    manager,
    records.filter(({ eventId }) => isNew.has(eventId)),
    new Set(knownMembers.map(({ conversationId }) => conversationId)),
  );
  const memberships = Map.groupBy([...knownMembers, ...addedMembers], ({ conversationId }) => conversationId);
  const events: NewEvent[] = [];
  const rewritten: StoredEvent[] = [];
  const changes: MessageChange[] = [];
  const changedMessages = await changedBefore(manager, state.changed_messages, records);
  for (const [index, record] of records.entries()) {
    if (!isNew.has(record.eventId)) continue;
    const event = stored[index]!;
    const published = messageOf(record);
    const now = published ? changedMessages.get(published.messageId) : undefined;
    const late = published !== null && isLate(record, published, now);
    const message = published && withoutUsers(late ? now! : published, deletedAt);
    if (message !== published) {
      // The message was on its way when one of its users deleted the account, or the log is consumed again, or the event is late.
      event.payload = JSON.stringify(message);
      if (!isChange(record)) rewritten.push(late ? { ...event, payload: JSON.stringify(withoutText(message!)) } : event);
    }
    if (message && (isChange(record) || late)) {
      changes.push({ eventId: record.eventId, message });
      changedMessages.set(message.messageId, message);
    }
    const members = audienceOf(memberships.get(event.conversationId) ?? [], event, message?.seq);
    const audience = record.type === 'ConversationMuted' ? members.filter((userId) => userId === record.payload.userId) : members;
    events.push({ record, event, audience, isTombstone: message?.deletedAt !== undefined, isLate: late });
  }
  await storePayloads(manager, rewritten);
  await storeMessageChanges(manager, changes, retentionDays);
  return {
    events,
    deferred: new Set(state.deferred_conversations),
    readStates: [
      ...addedMembers.map(({ conversationId, userId }) => ({ conversationId, userId, readSeq: 0, unread: null })),
      ...state.read_states.map(toReadState).filter((readState) => !changed?.isChanged(readState)),
      ...(changed?.readStates ?? []),
    ],
    senderNames: new Map(state.sender_names.map((names) => [names[0], toUserNames(names)])),
    blocks: new Blocks(state.blocks),
  };
}

/** What the rules of notifications need, in the form in which SQL functions return it. */
export interface StateRows {
  members: MembershipRow[];
  read_states: [string, string, number, string | null, string, string, number, number, string, string, mutedUntil: string | null][];
  blocks: [userId: string, blockedUserId: string][];
  sender_names: [userId: string, string, string | null, string | null][];
}

/** The answer of the SQL function record_events. */
interface RecordEventsResult extends StateRows {
  new_events: string[];
  deferred_conversations: string[];
  deleted: [userId: string, deletedAt: string][];
  changed_messages: [messageId: string, payload: string][];
}

const RECORD_EVENTS = preparedStatement(
  'record_events',
  'select record_events($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19) as state',
);

async function callRecordEvents(
  manager: EntityManager,
  records: FeedRecord[],
  stored: StoredEvent[],
  { retentionDays, largeGroup }: Pick<FeedLog, 'retentionDays' | 'largeGroup'>,
): Promise<RecordEventsResult> {
  const members: { eventId: string; userId: string }[] = [];
  const conversations = new Set<string>();
  const messageConversations = new Set<string>();
  const users = new Set<string>();
  const payloads: string[] = [];
  const receipts: { conversationId: string; userId: string }[] = [];
  const changedMembers: { conversationId: string; userId: string }[] = [];
  for (const record of records) {
    const { type, eventId, payload } = record;
    const message = messageOf(record);
    payloads.push(message && isChange(record) ? JSON.stringify(withoutText(message)) : stored[payloads.length]!.payload);
    if (message) for (const userId of [message.senderId, ...othersIn(message)]) users.add(userId);
    conversations.add(payload.conversationId);
    if (type === 'ConversationCreated') members.push(...payload.members.map(({ userId }) => ({ eventId, userId })));
    if (type === 'ReceiptsAdvanced' || type === 'ConversationMuted') receipts.push(payload);
    // The others change no notification.
    if (type === 'MessageCreated' || type === 'MessageUpdated' || type === 'MessageDeleted')
      messageConversations.add(payload.conversationId);
  }
  for (const { payload } of membersChangedIn(records)) {
    const { conversationId, added, removed } = payload;
    // It locks these users against their deletion, and their read states.
    const addedUsers = added.map(({ userId }) => userId);
    for (const userId of addedUsers) users.add(userId);
    for (const userId of [...addedUsers, ...removed]) changedMembers.push({ conversationId, userId });
  }
  const rows = (await manager.query(RECORD_EVENTS, [
    ...columnsOf(stored, ['epoch', 'partition', 'offset', 'conversationId', 'eventId', 'type']),
    payloads,
    ...columnsOf(records, ['occurredAt']),
    retentionDays,
    ...columnsOf(members, ['eventId', 'userId']),
    [...conversations],
    [...messageConversations],
    ...columnsOf(receipts, ['conversationId', 'userId']),
    ...columnsOf(changedMembers, ['conversationId', 'userId']),
    [...users],
    largeGroup,
  ])) as { state: RecordEventsResult }[];
  return rows[0]!.state;
}

async function storePayloads(manager: EntityManager, events: StoredEvent[]): Promise<void> {
  if (events.length === 0) return;
  await manager.query(
    `update feed_events f set payload = t.payload from unnest($1::uuid[], $2::text[]) t(event_id, payload) where f.event_id = t.event_id`,
    columnsOf(events, ['eventId', 'payload']),
  );
}

export function toReadState(row: StateRows['read_states'][number]): ReadState {
  const [conversationId, userId, readSeq, id, messageId, senderId, seq, count, message, createdAt, mutedUntil] = row;
  const unread = id === null ? null : { id, userId, conversationId, messageId, senderId, seq, count, message, read: false, createdAt };
  return { conversationId, userId, readSeq, unread, mutedUntil };
}

export function toUserNames([userId, username, firstName, lastName]: StateRows['sender_names'][number]): UserNames {
  return { userId, username, firstName, lastName };
}
