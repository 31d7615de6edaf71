import type { LiveProfile, Profile } from '@chat/shared/contracts';
import type { Log } from '@chat/shared/observability';
import { createHash } from 'node:crypto';
import type { ByteBudget } from '../graphql/bounded-queue.js';
import { LiveQueue } from '../graphql/live-queue.js';

/** Changes that have to be loaded are loaded with one request for this time. */
const LOAD_DELAY_MS = 50;
const RETRY_DELAY_MS = 2000;

/** An item of the GraphQL subscription. */
export interface ProfileItem {
  profileChanged: Profile;
}

interface Seen {
  updatedAt: string;
  /** A digest of what the client can see, except the URLs, which change with the time. */
  state: string;
}

/**
 * Each change of some profiles as the current user may see them, without the state at the beginning. A public profile comes over the live channel;
 * a private one, and that of the current user, is loaded from profile-service, which decides what the current user may see.
 */
export class ProfileSubscription {
  readonly queue: LiveQueue<ProfileItem>;
  readonly #seen = new Map<string, Seen>();
  readonly #toLoad = new Set<string>();
  #timer: NodeJS.Timeout | null = null;
  /** The last change of each user that was received before the state at the beginning was loaded; null after that. */
  #earlyChanges: Map<string, string> | null = new Map();
  #isClosed = false;

  constructor(
    private readonly userIds: string[],
    private readonly currentUserId: string,
    private readonly load: (userIds: string[]) => Promise<(Profile | null)[]>,
    budget: ByteBudget,
    private readonly logger: Log,
  ) {
    this.queue = new LiveQueue(budget);
  }

  /** Loads the state to compare the changes with. */
  async start(): Promise<void> {
    for (const profile of await this.load(this.userIds))
      if (profile) this.#seen.set(profile.userId, { updatedAt: profile.updatedAt, state: stateOf(profile) });
    const changes = this.#earlyChanges ?? [];
    this.#earlyChanges = null;
    for (const [userId, text] of changes) {
      // The client may have loaded the state before it.
      this.#seen.delete(userId);
      this.receiveChange(userId, text);
    }
  }

  receiveChange(userId: string, text: string): void {
    if (this.#earlyChanges) {
      this.#earlyChanges.set(userId, text);
      return;
    }
    try {
      const { profile, isPublic } = JSON.parse(text) as LiveProfile;
      if (isPublic && userId !== this.currentUserId) this.#send(profile);
      else this.scheduleLoad([userId]);
    } catch (error) {
      this.logger.error({ error }, 'a live profile change is not valid');
    }
  }

  scheduleLoad(userIds: string[], delayMs = LOAD_DELAY_MS): void {
    for (const userId of userIds) this.#toLoad.add(userId);
    if (!this.#isClosed) this.#timer ??= setTimeout(() => void this.#loadScheduled(), delayMs);
  }

  close(): void {
    this.#isClosed = true;
    if (this.#timer) clearTimeout(this.#timer);
    this.queue.close();
  }

  async #loadScheduled(): Promise<void> {
    const userIds = [...this.#toLoad];
    this.#toLoad.clear();
    this.#timer = null;
    try {
      for (const profile of await this.load(userIds)) if (profile) this.#send(profile);
    } catch (error) {
      this.logger.warn({ error, retryInMs: RETRY_DELAY_MS }, 'changed profiles could not be loaded');
      this.scheduleLoad(userIds, RETRY_DELAY_MS);
    }
  }

  /** Sends a profile, unless the client has a newer one, or one that looks the same. */
  #send(profile: Profile): void {
    const seen = this.#seen.get(profile.userId);
    if (this.#isClosed || (seen && profile.updatedAt < seen.updatedAt)) return;
    const state = stateOf(profile);
    this.#seen.set(profile.userId, { updatedAt: profile.updatedAt, state });
    if (seen?.state === state) return;
    this.queue.push({ profileChanged: profile }, JSON.stringify(profile).length);
  }
}

function stateOf(profile: Profile): string {
  const { profilePicture, coverImage } = profile;
  const state = JSON.stringify({ ...profile, updatedAt: null, profilePicture: profilePicture?.id, coverImage: coverImage?.id });
  return createHash('sha256').update(state).digest('base64url');
}
