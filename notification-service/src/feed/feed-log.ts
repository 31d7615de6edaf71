import type { TopicName } from '@chat/shared/events';

/** The log that the feed is an index of, by the names that the consumer's tables use. */
export class FeedLog {
  readonly topic: TopicName = 'chat.conversation';

  constructor(
    /** The consumer group, with the prefix of this installation. */
    readonly group: string,
    /** For so long the feed keeps events, and knows the ids of those that it has recorded. */
    readonly retentionDays: number,
  ) {}
}
