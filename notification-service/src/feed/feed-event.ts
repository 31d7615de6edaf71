import type { FeedEventType, LiveFeedParts, Notification } from '@chat/shared/contracts';
import type { ReceivedEvent } from '@chat/shared/consumer';
import { messageOf } from './feed-message.js';

/** An event as the feed stores it: the payload stays the text that is stored and published. */
export type StoredEvent = LiveFeedParts;

/** An event that is new in the feed, and the users that may see it. */
export interface RecordedEvent {
  event: StoredEvent;
  audience: string[];
}

/** The effect of a committed batch, in order of position within each partition. */
export interface RecordedBatch {
  events: RecordedEvent[];
  /** Notifications that were created, or whose count increased. */
  notifications: Notification[];
}

export type FeedRecord = ReceivedEvent<FeedEventType>;

const FEED_EVENT_TYPES: ReadonlySet<string> = new Set<FeedEventType>([
  'ConversationCreated',
  'ConversationUpdated',
  'MembersChanged',
  'MessageCreated',
  'MessageUpdated',
  'MessageDeleted',
  'ReactionsChanged',
  'ReceiptsAdvanced',
  'ConversationMuted',
]);

/** The records of the feed, each event once: a relay may publish an event twice, and both may arrive in one batch. */
export function feedRecordsOf(records: ReceivedEvent[]): FeedRecord[] {
  const seen = new Set<string>();
  return records.filter(
    (record): record is FeedRecord => FEED_EVENT_TYPES.has(record.type) && !seen.has(record.eventId) && !!seen.add(record.eventId),
  );
}

/** With the payload that clients receive. */
export function toStoredEvent(record: FeedRecord): StoredEvent {
  const { epoch, partition, offset, type, eventId, payload } = record;
  const conversationId = payload.conversationId;
  return { epoch, partition, offset, type, eventId, conversationId, payload: JSON.stringify(messageOf(record) ?? payload) };
}
