import type { TopicName } from '@chat/shared/events';

/** Members of a group whose notifications are changed in the transaction that stores the event: it takes about as long as the rest of it. */
const MAX_NOTIFIED_AT_ONCE = 32;

/** The log that the feed is an index of, by the names that the consumer's tables use. */
export class FeedLog {
  readonly topic: TopicName = 'chat.conversation';

  constructor(
    /** The consumer group, with the prefix of this installation. */
    readonly group: string,
    /** For so long the feed keeps events, and knows the ids of those that it has recorded. */
    readonly retentionDays: number,
    /** A group with more members is large: its notifications are changed after the publication of the events (pending-notifications.ts). */
    readonly largeGroup = MAX_NOTIFIED_AT_ONCE,
  ) {}
}
