import type { FeedEventType } from '@chat/shared/contracts';
import type { ReceivedEvent } from '@chat/shared/consumer';

/** A place in the log. Places of one partition are in order of epoch, then offset. */
export interface LogPlace {
  epoch: number;
  partition: number;
  offset: number;
}

/** An event as the feed holds it: the payload stays the text that it is stored and sent as. */
export interface StoredEvent extends LogPlace {
  type: FeedEventType;
  eventId: string;
  conversationId: string;
  payload: string;
}

export type FeedRecord = ReceivedEvent<FeedEventType>;

const FEED_EVENT_TYPES: ReadonlySet<string> = new Set<FeedEventType>(['ConversationCreated', 'MessageCreated', 'ReceiptsAdvanced']);

export function isFeedRecord(record: ReceivedEvent): record is FeedRecord {
  return FEED_EVENT_TYPES.has(record.type);
}

export function toStoredEvent({ epoch, partition, offset, type, eventId, payload }: FeedRecord): StoredEvent {
  return { epoch, partition, offset, type, eventId, conversationId: payload.conversationId, payload: JSON.stringify(payload) };
}

/** What `encodeLiveFeedEvent` of the contract makes of the event; the payload is not parsed and serialised again for it. */
export function liveTextOf({ epoch, partition, offset, type, eventId, conversationId, payload }: StoredEvent): string {
  return `${epoch}:${partition}:${offset}|{"type":"${type}","eventId":"${eventId}","conversationId":"${conversationId}","payload":${payload}}`;
}
