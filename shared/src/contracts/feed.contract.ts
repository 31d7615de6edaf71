import type { EventPayloads } from '../events/index.js';
import type { ChatReaction } from './chat.contract.js';

/**
 * How far a consumer of the feed has read: the last offset of each partition of one log.
 * Positions of two epochs cannot be compared: another epoch is another log.
 */
export interface FeedPosition {
  epoch: number;
  /** Index = partition. -1: nothing of this partition yet. */
  offsets: number[];
}

/** The position of one record. Within a partition, records are ordered by epoch, then by offset. */
export interface LogPosition {
  epoch: number;
  partition: number;
  offset: number;
}

/** The types of events of the feed that are about a message. */
export type FeedMessageType = 'MessageCreated' | 'MessageUpdated' | 'MessageDeleted' | 'ReactionsChanged';

/** The types of events in the feed. */
export type FeedEventType =
  'ConversationCreated' | 'ConversationUpdated' | 'ConversationMuted' | 'MembersChanged' | 'ReceiptsAdvanced' | FeedMessageType;

/**
 * The message of an event: in a live event as it was published, in a replayed one as it is now. Without `editedAt`, `reactions` and `deletedAt`, it
 * has not changed since it was sent. A tombstone has `deletedAt`.
 */
export type FeedMessage = Omit<EventPayloads['MessageCreated'], 'attachments'> & {
  /** Not there for a message without any. */
  attachments?: EventPayloads['MessageCreated']['attachments'];
  /** RFC 3339, UTC; so is `deletedAt`. */
  editedAt?: string | null;
  /** Without `count` in a row of a build before, which has all user ids. */
  reactions?: (Omit<ChatReaction, 'count'> & { count?: number })[];
  deletedAt?: string;
};

/** The payload of an event in the feed. */
export type FeedPayload<T extends FeedEventType> = T extends FeedMessageType
  ? FeedMessage
  : T extends keyof EventPayloads
    ? EventPayloads[T]
    : never;

/** One event of the feed, with its position in the log. */
export type FeedEvent = {
  [T in FeedEventType]: LogPosition & {
    type: T;
    eventId: string;
    conversationId: string;
    payload: FeedPayload<T>;
  };
}[FeedEventType];

/**
 * Request of `POST /feed/replay`: the events after a position that the current user may see, at most `limit` (1 to 500), in order within each
 * partition.
 */
export interface FeedReplayRequest {
  after: FeedPosition;
  limit: number;
}

/** Answer of `POST /feed/replay`. */
export interface FeedPage {
  /** False: `after` is of another epoch or older than the retention; `events` is empty and `position` is the present end of the log. */
  recovered: boolean;
  events: FeedEvent[];
  /** The position after this page; pass it as `after` to get the next one. */
  position: FeedPosition;
  /** True when `position` is the end of every partition at the time when this page was read. */
  done: boolean;
}

/** One live event before it is written: its payload is JSON text already. The ids are UUIDs, so nothing needs escaping. */
export interface LiveFeedParts extends LogPosition {
  type: FeedEventType;
  eventId: string;
  conversationId: string;
  payload: string;
}

/**
 * One live event on the Redis channel of a recipient: `epoch:partition:offset|{"type":…,"eventId":…,"conversationId":…,"payload":…}`.
 * Position and event id come first, in this order, so that a gateway can recognise an event that it has parsed already (`identityOf`).
 */
export function liveTextOf({ epoch, partition, offset, type, eventId, conversationId, payload }: LiveFeedParts): string {
  return `${epoch}:${partition}:${offset}|{"type":"${type}","eventId":"${eventId}","conversationId":"${conversationId}","payload":${payload}}`;
}

/** `liveTextOf` for an event whose payload is an object. */
export function encodeLiveFeedEvent(event: FeedEvent): string {
  return liveTextOf({ ...event, payload: JSON.stringify(event.payload) });
}

/** Parses the text of `liveTextOf`; throws on any other text. */
export function decodeLiveFeedEvent(text: string): FeedEvent {
  const bar = text.indexOf('|');
  const position = text.slice(0, bar).split(':').map(Number);
  const [epoch, partition, offset] = position;
  if (bar < 0 || position.length !== 3 || !position.every(Number.isSafeInteger))
    throw new Error('a live feed event must start with epoch:partition:offset|');
  return { epoch, partition, offset, ...JSON.parse(text.slice(bar + 1)) } as FeedEvent;
}

const BEFORE_EVENT_ID = '","eventId":"';

/**
 * The identity of a live event, `epoch:partition:offset:eventId`, without parsing the text of `liveTextOf`; throws on any other text. The
 * event id belongs to it because a position is used again when Kafka and the database are replaced.
 */
export function identityOf(text: string): string {
  const bar = text.indexOf('|');
  const start = text.indexOf(BEFORE_EVENT_ID, bar) + BEFORE_EVENT_ID.length;
  const end = text.indexOf('"', start);
  if (bar < 0 || start < BEFORE_EVENT_ID.length || end < 0) throw new Error('a live feed event must have a position and an event id');
  return `${text.slice(0, bar)}:${text.slice(start, end)}`;
}

/** The identity of an event of the feed; equal to `identityOf` of its text. */
export function identityOfEvent({ epoch, partition, offset, eventId }: FeedEvent): string {
  return `${epoch}:${partition}:${offset}:${eventId}`;
}
