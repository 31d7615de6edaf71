import { decodeLiveFeedEvent, type FeedEvent, identityOf } from '@chat/shared/contracts';
import { LOGGER, type Log } from '@chat/shared/observability';
import { Inject, Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';

const MAX_CACHED_EVENTS = 2000;
const MAX_CACHED_CHARACTERS = 4_000_000;

/** Parses the texts of live events. All sockets of the members of a conversation receive the same text; it is parsed once. */
@Injectable()
export class LiveDecoder {
  private readonly events = new LRUCache<string, FeedEvent>({ max: MAX_CACHED_EVENTS, maxSize: MAX_CACHED_CHARACTERS });
  /** The text before this one and its event: an event comes to all members in a row, and to compare its text costs less than to find it. */
  private lastText: string | null = null;
  private lastEvent: FeedEvent | null = null;

  constructor(@Inject(LOGGER) private readonly logger: Log) {}

  /** Null for a text that is not a live event: it is logged, and the stream continues without it. */
  decode(text: string): FeedEvent | null {
    if (text === this.lastText) return this.lastEvent;
    this.lastText = text;
    this.lastEvent = this.find(text);
    return this.lastEvent;
  }

  private find(text: string): FeedEvent | null {
    try {
      const identity = identityOf(text);
      const cached = this.events.get(identity);
      if (cached) return cached;
      const event = decodeLiveFeedEvent(text);
      this.events.set(identity, event, { size: text.length });
      return event;
    } catch (error) {
      this.logger.error({ error }, 'a live event could not be parsed');
      return null;
    }
  }
}
