import type { AuthenticatedUser } from '@chat/shared/auth';
import { decodeLiveFeedEvent, type FeedEvent, type FeedPage, type FeedPosition } from '@chat/shared/contracts';
import { isTransient } from '@chat/shared/errors';
import { channels, LiveChannels } from '@chat/shared/realtime';
import { LOGGER, type Log } from '@chat/shared/observability';
import { Inject, Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { ChatClient } from '../clients/chat.client.js';
import { NotificationClient } from '../clients/notification.client.js';
import { decodeCursor, encodeCursor } from './cursor.js';
import { EventStream, type StreamStep } from './event-stream.js';
import { closable, LiveQueue } from '../graphql/live-queue.js';
import { PresentState } from './present-state.js';
import { CURSOR_PLACEHOLDER, StreamItem, toMessage, toStreamEvent } from './stream-item.js';

const REMEMBERED_EVENTS = 2000;
/** In the text of a live event, what is before it is its place, its type and its id. */
const END_OF_IDENTITY = ',"conversationId"';
/** After a loss of Redis every open stream reads on from the feed; not all of them at once. */
const MAX_REPLAYS_AT_ONCE = 16;

/** Connects readers to the feed and to the live channel of their person. */
@Injectable()
export class FeedStreams {
  private readonly open = new Set<EventStream>();
  private readonly parsed = new LRUCache<string, FeedEvent>({ max: REMEMBERED_EVENTS });
  private readonly replays = new Turns(MAX_REPLAYS_AT_ONCE);

  constructor(
    private readonly live: LiveChannels,
    private readonly notifications: NotificationClient,
    private readonly chat: ChatClient,
    @Inject(LOGGER) private readonly logger: Log,
  ) {
    live.onRestored(() => {
      for (const stream of this.open) stream.lost();
    });
  }

  /** Everything durable for this person: what was missed since the cursor, then what happens. */
  async events(caller: AuthenticatedUser, after: string | null): Promise<AsyncGenerator<StreamItem, void>> {
    const position = after === null ? null : decodeCursor(after);
    const stream = new EventStream({
      head: () => this.notifications.getFeedEndPosition(caller.token),
      replay: (from, limit) => this.replays.take(() => this.replay(from, limit, caller)),
      isTransient,
    });
    // The channel first: what is published from now on waits for the end of the replay.
    const leave = await this.live.subscribe(channels.user(caller.userId), (text) => this.receive(text, (event) => stream.push(event)));
    this.open.add(stream);
    const close = () => {
      leave();
      this.open.delete(stream);
      stream.close();
    };
    try {
      const opened = await stream.open(position);
      return closable(this.itemsOf(stream, opened, caller, close), close);
    } catch (error) {
      close();
      throw error;
    }
  }

  /** New messages as they come; nothing is replayed. */
  async messages(caller: AuthenticatedUser, conversationId: string | null): Promise<AsyncGenerator<StreamItem, void>> {
    if (conversationId !== null) await this.chat.getConversation(conversationId, caller.token);
    const queue = new LiveQueue<StreamItem>();
    const newest: FeedPosition = { epoch: 0, offsets: [] };
    const leave = await this.live.subscribe(channels.user(caller.userId), (text) =>
      this.receive(text, (event) => {
        if (!isNewer(event, newest) || event.type !== 'MessageCreated') return;
        if (conversationId !== null && event.conversationId !== conversationId) return;
        const messageReceived = toMessage(event.payload, this.presentState([event], false, caller));
        queue.push(new StreamItem({ messageReceived }, identityOf(event), null, null));
      }),
    );
    return closable(queue.items(), () => {
      leave();
      queue.close();
    });
  }

  private async *itemsOf(
    stream: EventStream,
    opened: StreamStep,
    caller: AuthenticatedUser,
    close: () => void,
  ): AsyncGenerator<StreamItem, void> {
    try {
      if (opened.kind === 'opened') {
        const events = { type: 'StreamOpened', cursor: CURSOR_PLACEHOLDER, recovered: opened.recovered };
        yield new StreamItem({ events }, `opened:${opened.recovered}`, encodeCursor(opened.position), null);
      }
      let page: FeedEvent[] | null = null;
      let present = this.presentState([], true, caller);
      for await (const step of stream.events()) {
        if (step.kind !== 'event') continue;
        const { event, position } = step;
        if (step.page === null) {
          const events = toStreamEvent(event, this.presentState([event], false, caller));
          yield new StreamItem({ events }, identityOf(event), encodeCursor(position), null);
          continue;
        }
        if (step.page !== page) {
          page = step.page;
          present = this.presentState(page, true, caller);
        }
        yield new StreamItem({ events: toStreamEvent(event, present) }, null, encodeCursor(position), present);
      }
    } finally {
      close();
    }
  }

  private async replay(after: FeedPosition, limit: number, caller: AuthenticatedUser): Promise<FeedPage> {
    return this.notifications.replayFeed({ after, limit }, caller.token);
  }

  private presentState(events: FeedEvent[], isReplay: boolean, caller: AuthenticatedUser): PresentState {
    return new PresentState(events, isReplay, this.chat, () => caller.token, this.logger);
  }

  /** Many sockets get the same text: it is parsed for the first. */
  private receive(text: string, take: (event: FeedEvent) => void): void {
    const identity = text.slice(0, text.indexOf(END_OF_IDENTITY));
    let event = this.parsed.get(identity);
    if (!event) {
      try {
        event = decodeLiveFeedEvent(text);
      } catch (error) {
        this.logger.error({ error }, 'a live event could not be read');
        return;
      }
      this.parsed.set(identity, event);
    }
    take(event);
  }
}

/** Place and id: a place alone is given again when the databases behind are replaced, and must not bring somebody else's event. */
function identityOf({ epoch, partition, offset, eventId }: FeedEvent): string {
  return `${epoch}:${partition}:${offset}:${eventId}`;
}

/** Remembers the place; false when it, or a later one of its partition, was there before. */
function isNewer({ epoch, partition, offset }: FeedEvent, newest: FeedPosition): boolean {
  if (epoch < newest.epoch) return false;
  if (epoch > newest.epoch) Object.assign(newest, { epoch, offsets: [] });
  if (offset <= (newest.offsets[partition] ?? -1)) return false;
  newest.offsets[partition] = offset;
  return true;
}

/** Lets a bounded number of jobs run at a time, in the order they came. */
class Turns {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly max: number) {}

  async take<T>(job: () => Promise<T>): Promise<T> {
    if (this.running >= this.max) await new Promise<void>((resolve) => this.waiting.push(resolve));
    else this.running += 1;
    try {
      return await job();
    } finally {
      // The place goes on to the next, or is given back.
      const next = this.waiting.shift();
      if (next) next();
      else this.running -= 1;
    }
  }
}
