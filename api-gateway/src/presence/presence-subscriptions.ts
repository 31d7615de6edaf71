import type { AuthenticatedUser } from '@chat/shared/auth';
import { channels, LiveChannels } from '@chat/shared/realtime';
import { LOGGER, type Log } from '@chat/shared/observability';
import { AppError } from '@chat/shared/errors';
import { Inject, Injectable } from '@nestjs/common';
import { closable, LiveQueue } from '../graphql/live-queue.js';
import { PresenceClient } from '../clients/presence.client.js';
import type { Presence } from './presence.types.js';

/** Changes of people who are not public are asked about together. */
const ASK_AFTER_MS = 50;
const ASK_AGAIN_AFTER_MS = 2000;
/** On one connection, over all of its subscriptions: each is a channel that everybody's live events share a connection with. */
const MAX_WATCHED = 2000;

/** The presence of some people as one viewer may see it: as it is, then each change. */
@Injectable()
export class PresenceSubscriptions {
  /** How many people each connection watches; a connection is known by its caller. */
  private readonly watched = new WeakMap<AuthenticatedUser, number>();

  constructor(
    private readonly live: LiveChannels,
    private readonly presence: PresenceClient,
    @Inject(LOGGER) private readonly logger: Log,
  ) {}

  async watch(ids: string[], caller: AuthenticatedUser): Promise<AsyncGenerator<{ presenceChanged: Presence }, void>> {
    // Channels are named as services write ids.
    const userIds = [...new Set(ids.map((id) => id.toLowerCase()))];
    this.countWatched(caller, userIds.length);
    const watch = new PresenceWatch(userIds, (ids) => this.presence.getMany(ids, caller.token), this.logger);
    const leave = [() => this.countWatched(caller, -userIds.length), this.live.onRestored(() => watch.askAbout(userIds))];
    const close = () => {
      for (const end of leave.splice(0)) end();
      watch.close();
    };
    try {
      // The channels first, so that no change falls between the state and the changes.
      const opened = userIds.map((userId) => this.live.subscribe(channels.presence(userId), (text) => watch.onChange(text)));
      leave.push(...(await Promise.all(opened)));
      await watch.open();
    } catch (error) {
      close();
      throw error;
    }
    return closable(watch.queue.items(), close);
  }

  private countWatched(caller: AuthenticatedUser, more: number): void {
    const watched = (this.watched.get(caller) ?? 0) + more;
    if (watched > MAX_WATCHED)
      throw new AppError('rate-limited', 'presence/too-many-watched', `One connection watches at most ${MAX_WATCHED} people at a time.`, {
        details: { retryAfterSeconds: 1 },
      });
    this.watched.set(caller, watched);
  }
}

class PresenceWatch {
  readonly queue = new LiveQueue<{ presenceChanged: Presence }>();
  private readonly told = new Map<string, string>();
  private readonly toAsk = new Set<string>();
  private timer: NodeJS.Timeout | null = null;
  /** Changes that came before the state; null once it is told. */
  private early: string[] | null = [];
  private isClosed = false;

  constructor(
    private readonly userIds: string[],
    private readonly ask: (userIds: string[]) => Promise<Presence[]>,
    private readonly logger: Log,
  ) {}

  async open(): Promise<void> {
    for (const presence of await this.ask(this.userIds)) this.tell(presence);
    const early = this.early ?? [];
    this.early = null;
    for (const text of early) this.onChange(text);
  }

  onChange(text: string): void {
    if (this.early) {
      this.early.push(text);
      return;
    }
    try {
      const { presence, isPublic } = JSON.parse(text) as { presence: Presence; isPublic: boolean };
      if (isPublic) this.tell(presence);
      else this.askAbout([presence.userId]);
    } catch (error) {
      this.logger.error({ error }, 'a presence change could not be read');
    }
  }

  askAbout(userIds: string[], afterMs = ASK_AFTER_MS): void {
    for (const userId of userIds) this.toAsk.add(userId);
    if (!this.isClosed) this.timer ??= setTimeout(() => void this.askNow(), afterMs);
  }

  close(): void {
    this.isClosed = true;
    if (this.timer) clearTimeout(this.timer);
    this.queue.close();
  }

  private async askNow(): Promise<void> {
    const userIds = [...this.toAsk];
    this.toAsk.clear();
    this.timer = null;
    try {
      for (const presence of await this.ask(userIds)) this.tell(presence);
    } catch (error) {
      this.logger.warn({ error }, 'presence could not be asked for');
      this.askAbout(userIds, ASK_AGAIN_AFTER_MS);
    }
  }

  /** A change that changes nothing for this viewer is none. */
  private tell(presence: Presence): void {
    const key = `${presence.status} ${presence.lastSeenAt}`;
    if (this.isClosed || this.told.get(presence.userId) === key) return;
    this.told.set(presence.userId, key);
    this.queue.push({ presenceChanged: presence });
  }
}
