import type { Log } from '@chat/shared/observability';
import type { ByteBudget } from '../graphql/bounded-queue.js';
import { LiveQueue } from '../graphql/live-queue.js';
import type { Presence } from './presence.types.js';

/** Changes of private profiles within this time are loaded with one request. */
const LOAD_DELAY_MS = 50;
const RETRY_DELAY_MS = 2000;

/** An item of the GraphQL subscription. */
export interface PresenceItem {
  presenceChanged: Presence;
}

/**
 * The presence of some users as the current user may see it: the current state, then each change. Changes of public profiles come over the
 * live channel; those of private profiles are loaded from presence-service, which decides whether the current user may see them.
 */
export class PresenceSubscription {
  readonly queue: LiveQueue<PresenceItem>;
  private readonly lastSent = new Map<string, string>();
  private readonly toLoad = new Set<string>();
  private timer: NodeJS.Timeout | null = null;
  /** The last change of each user that was received before the current state was loaded; null after that. */
  private earlyChanges: Map<string, string> | null = new Map();
  private isClosed = false;

  constructor(
    private readonly userIds: string[],
    private readonly load: (userIds: string[]) => Promise<Presence[]>,
    budget: ByteBudget,
    private readonly logger: Log,
  ) {
    this.queue = new LiveQueue(budget);
  }

  async start(): Promise<void> {
    for (const presence of await this.load(this.userIds)) this.send(presence);
    const changes = this.earlyChanges ?? [];
    this.earlyChanges = null;
    for (const [userId, text] of changes) this.receiveChange(userId, text);
  }

  receiveChange(userId: string, text: string): void {
    if (this.earlyChanges) {
      this.earlyChanges.set(userId, text);
      return;
    }
    try {
      const { presence, isPublic } = JSON.parse(text) as { presence: Presence; isPublic: boolean };
      if (isPublic) this.send(presence);
      else this.scheduleLoad([presence.userId]);
    } catch (error) {
      this.logger.error({ error }, 'a live presence change is not valid');
    }
  }

  scheduleLoad(userIds: string[], delayMs = LOAD_DELAY_MS): void {
    for (const userId of userIds) this.toLoad.add(userId);
    if (!this.isClosed) this.timer ??= setTimeout(() => void this.loadScheduled(), delayMs);
  }

  close(): void {
    this.isClosed = true;
    if (this.timer) clearTimeout(this.timer);
    this.queue.close();
  }

  private async loadScheduled(): Promise<void> {
    const userIds = [...this.toLoad];
    this.toLoad.clear();
    this.timer = null;
    try {
      for (const presence of await this.load(userIds)) this.send(presence);
    } catch (error) {
      this.logger.warn({ error, retryInMs: RETRY_DELAY_MS }, 'presence could not be loaded');
      this.scheduleLoad(userIds, RETRY_DELAY_MS);
    }
  }

  /** Sends a presence unless the client already has it. */
  private send(presence: Presence): void {
    const state = `${presence.status} ${presence.lastSeenAt}`;
    if (this.isClosed || this.lastSent.get(presence.userId) === state) return;
    this.lastSent.set(presence.userId, state);
    this.queue.push({ presenceChanged: presence });
  }
}
