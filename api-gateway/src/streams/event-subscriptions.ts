import type { AuthenticatedUser } from '@chat/shared/auth';
import type { FeedEvent } from '@chat/shared/contracts';
import { isTransient } from '@chat/shared/errors';
import { channels, LiveChannels } from '@chat/shared/realtime';
import { LOGGER, type Log } from '@chat/shared/observability';
import { Inject, Injectable } from '@nestjs/common';
import pLimit, { type LimitFunction } from 'p-limit';
import { ChatClient } from '../clients/chat.client.js';
import { NotificationClient } from '../clients/notification.client.js';
import type { ByteBudget } from '../graphql/bounded-queue.js';
import { closable } from '../graphql/live-queue.js';
import { CurrentStateLoader } from './current-state-loader.js';
import { decodeCursor, encodeCursor } from './cursor.js';
import { receivedMessage } from './delivered-receipts.js';
import { EventStream, type FeedSource, type StreamStep } from './event-stream.js';
import { FairLimit } from '../graphql/fair-limit.js';
import { FeedEnd } from './feed-end.js';
import { LiveDecoder } from './live-decoder.js';
import { SharedConversations } from './shared-conversations.js';
import { CURSOR_PLACEHOLDER, isKnown, memberCheckOf, StreamItem, toStreamEvent } from './stream-item.js';

/** After a loss of Redis every open stream reads from the feed, but only so many at once, and only so many of one user. */
const MAX_REPLAYS_AT_ONCE = 16;
const MAX_REPLAYS_PER_USER = 2;

/** The subscriptions `events`: connects each one to the feed and to the live channel of its user. */
@Injectable()
export class EventSubscriptions {
  private readonly streams = new Set<EventStream>();
  private readonly replays = new FairLimit(MAX_REPLAYS_AT_ONCE, MAX_REPLAYS_PER_USER);
  /** The streams of one connection hold one page at a time. The user object of a socket stands for its connection. */
  private readonly pages = new WeakMap<AuthenticatedUser, LimitFunction>();

  constructor(
    private readonly live: LiveChannels,
    private readonly notifications: NotificationClient,
    private readonly chat: ChatClient,
    private readonly feedEnd: FeedEnd,
    private readonly decoder: LiveDecoder,
    private readonly conversations: SharedConversations,
    @Inject(LOGGER) private readonly logger: Log,
  ) {
    live.onRestored(() => {
      for (const stream of this.streams) stream.resync();
    });
  }

  /** All durable events of a user: those missed since the cursor, then the live ones. */
  async open(
    user: AuthenticatedUser,
    after: string | null,
    budget: ByteBudget,
    ended: AbortSignal,
  ): Promise<AsyncGenerator<StreamItem, void>> {
    const position = after === null ? null : decodeCursor(after);
    const source: FeedSource = {
      head: () => this.feedEnd.read(user.token),
      replay: (from, limit) =>
        this.replays.run(user.userId, async () => {
          // It may have ended while its replay waited for those of other streams.
          ended.throwIfAborted();
          const page = await this.notifications.replayFeed({ after: from, limit }, user.token);
          this.feedEnd.observe(page.position);
          return page;
        }),
      reaches: (live) => this.feedEnd.reaches(live, user.token, ended),
      reservePage: () => this.reservePage(user),
      isTransient,
    };
    const stream = new EventStream(source, budget);
    // The channel comes first: events published from now on are queued until the replay has ended.
    const unsubscribe = await this.live.subscribe(channels.user(user.userId), (text) => {
      if (!stream.acceptsLive) return;
      const event = this.decoder.decode(text);
      if (event) stream.push(event, text.length);
    });
    this.streams.add(stream);
    const close = () => {
      unsubscribe();
      this.streams.delete(stream);
      stream.close();
    };
    ended.addEventListener('abort', close);
    if (ended.aborted) close();
    try {
      const opened = await stream.open(position);
      return closable(this.itemsOf(stream, opened, user, close), close);
    } catch (error) {
      close();
      throw error;
    }
  }

  private async *itemsOf(
    stream: EventStream,
    opened: StreamStep,
    user: AuthenticatedUser,
    close: () => void,
  ): AsyncGenerator<StreamItem, void> {
    try {
      if (opened.kind === 'opened') {
        const { recovered } = opened;
        const root = () => ({ events: { type: 'StreamOpened', cursor: CURSOR_PLACEHOLDER, recovered } });
        yield new StreamItem({ kind: 'events.StreamOpened', root, shared: null, cursor: encodeCursor(opened.position) });
      }
      let page: FeedEvent[] | null = null;
      let current = this.currentState([], true, user);
      for await (const step of stream.events()) {
        if (step.kind !== 'event' || !isKnown(step.event)) continue;
        const { event } = step;
        const kind = `events.${event.type}`;
        const cursor = encodeCursor(step.position);
        const received = receivedMessage(event, user.userId);
        if (step.page === null) {
          let loader: CurrentStateLoader | null = null;
          const now = () => (loader ??= this.currentState([event], false, user));
          const root = () => ({ events: toStreamEvent(event, now(), user.userId) });
          yield new StreamItem({ kind, root, shared: event, cursor, received, isMember: memberCheckOf(event, now, user.userId) });
          continue;
        }
        if (step.page !== page) {
          page = step.page;
          current = this.currentState(page, true, user);
        }
        const root = () => ({ events: toStreamEvent(event, current, user.userId) });
        yield new StreamItem({ kind, root, shared: null, cursor, page: current, received });
      }
    } finally {
      close();
    }
  }

  private reservePage(connection: AuthenticatedUser): Promise<() => void> {
    const limit = this.pages.get(connection) ?? pLimit(1);
    this.pages.set(connection, limit);
    return new Promise((reserved) => void limit(() => new Promise<void>((release) => reserved(release))));
  }

  private currentState(events: FeedEvent[], isReplay: boolean, user: AuthenticatedUser): CurrentStateLoader {
    const shared = { conversations: this.conversations, userId: user.userId };
    return new CurrentStateLoader(events, isReplay, this.chat, user.token, this.logger, shared);
  }
}
