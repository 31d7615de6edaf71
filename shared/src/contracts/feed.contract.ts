import type { EventPayloads } from '../events/index.js';

/**
 * Where a reader of the feed stands: the last offset seen of each partition of one log.
 * Positions of two epochs cannot be compared: another epoch is another log.
 */
export interface FeedPosition {
  epoch: number;
  /** Index = partition. -1: nothing of this partition yet. */
  offsets: number[];
}

/** The events that can stand in the feed. */
export type FeedEventType = 'ConversationCreated' | 'MessageCreated' | 'ReceiptsAdvanced';

/** What the feed has of an event: as it was announced, but for messages that were deleted since, which are tombstones. */
export type FeedPayload<T extends FeedEventType> = T extends 'MessageCreated'
  ? EventPayloads['MessageCreated'] & { /** RFC 3339, UTC; only there when it was deleted. */ deletedAt?: string }
  : EventPayloads[T];

/** One record of the feed, with its place in the log. */
export type FeedEvent = {
  [T in FeedEventType]: {
    epoch: number;
    partition: number;
    offset: number;
    type: T;
    eventId: string;
    conversationId: string;
    payload: FeedPayload<T>;
  };
}[FeedEventType];

/** `POST /feed/replay`: what the caller may see after a position, at most `limit` (1 to 500) events, in order within each partition. */
export interface FeedReplayRequest {
  after: FeedPosition;
  limit: number;
}

export interface FeedPage {
  /** False: `after` is of another epoch or older than the retention; `events` is empty and `position` is the present head. */
  recovered: boolean;
  events: FeedEvent[];
  /** Where the reader stands after this page; pass it as `after` for the next one. */
  position: FeedPosition;
  /** True when `position` is the head of every partition as it was when this page was read. */
  done: boolean;
}

/**
 * One live event on the Redis channel of a recipient: `epoch:partition:offset|{"type":…,"eventId":…,"conversationId":…,"payload":…}`.
 * The place is in front so that a gateway can tell an event it has parsed already without parsing it again.
 */
export function encodeLiveFeedEvent(event: FeedEvent): string {
  const { epoch, partition, offset, ...rest } = event;
  return `${epoch}:${partition}:${offset}|${JSON.stringify(rest)}`;
}

/** The place of a live event, and where its JSON begins. Throws on anything else. */
export function readLiveFeedPlace(text: string): { epoch: number; partition: number; offset: number; bodyStart: number } {
  const bar = text.indexOf('|');
  const place = text.slice(0, bar).split(':').map(Number);
  const [epoch, partition, offset] = place;
  if (
    bar < 0 ||
    place.length !== 3 ||
    epoch === undefined ||
    partition === undefined ||
    offset === undefined ||
    place.some((n) => !Number.isSafeInteger(n))
  )
    throw new Error('a live feed event must start with epoch:partition:offset|');
  return { epoch, partition, offset, bodyStart: bar + 1 };
}

/** Reads what `encodeLiveFeedEvent` wrote. */
export function decodeLiveFeedEvent(text: string): FeedEvent {
  const { epoch, partition, offset, bodyStart } = readLiveFeedPlace(text);
  return { epoch, partition, offset, ...JSON.parse(text.slice(bodyStart)) } as FeedEvent;
}
