import type { TopicName } from '@chat/shared/events';

/** The log that the feed is an index of, as the tables of the consumer name it. */
export class FeedLog {
  readonly topic: TopicName = 'chat.conversation';

  constructor(
    /** The consumer group, with the prefix of this installation. */
    readonly group: string,
  ) {}
}
